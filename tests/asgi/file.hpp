#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

/// A file with that content, for as long as it lives, where the system has its temporary files.
class File {
 public:
  explicit File(std::string_view content) {
    const int descriptor = ::mkstemp(path_.data());
    if (descriptor == -1) throw std::runtime_error("no file can be made at " + path_);
    ::close(descriptor);
    std::ofstream(path_) << content;
  }
  ~File() { ::unlink(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const char* path() const { return path_.c_str(); }

 private:
  std::string path_ = std::filesystem::temp_directory_path() / "pathsend_XXXXXX";
};
