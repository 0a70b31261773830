#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

/// Sees which file of Python's has changed, come or gone below a directory.
class SourceWatch {
 public:
  /// Looks at all of them for the first time. Directories that are hidden, virtual environments,
  /// and links to directories are left out.
  explicit SourceWatch(std::filesystem::path directory);

  /// The name of one that is not as it was when this was called before; nothing: all are.
  std::optional<std::string> changed();

  /// When each file was changed.
  using Times = std::map<std::filesystem::path, std::filesystem::file_time_type>;

 private:
  std::filesystem::path directory_;
  Times times_;
};
