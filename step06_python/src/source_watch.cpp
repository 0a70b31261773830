#include "source_watch.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

namespace fs = std::filesystem;

namespace {

bool is_left_out(const fs::path& directory) {
  std::error_code ignored;
  return directory.filename().string().starts_with('.') ||
         fs::exists(directory / "pyvenv.cfg", ignored);
}

// A file or a directory can go while it is looked at: then it is left out, and nothing else is. (A
// recursive_directory_iterator ends where it cannot open a directory.)
void look_into(const fs::path& directory, SourceWatch::Times& times) {
  std::error_code gone;
  for (fs::directory_iterator entry(directory, gone), end; entry != end; entry.increment(gone)) {
    const bool enter = entry->symlink_status(gone).type() == fs::file_type::directory;
    if (enter && !is_left_out(entry->path())) look_into(entry->path(), times);
    if (entry->path().extension() != ".py") continue;
    const fs::file_time_type time = entry->last_write_time(gone);
    if (!gone) times.emplace(entry->path(), time);
  }
}

SourceWatch::Times look_below(const fs::path& directory) {
  SourceWatch::Times times;
  look_into(directory, times);
  return times;
}

}  // namespace

SourceWatch::SourceWatch(fs::path directory)
    : directory_(std::move(directory)), times_(look_below(directory_)) {}

std::optional<std::string> SourceWatch::changed() {
  const Times before = std::exchange(times_, look_below(directory_));
  std::vector<Times::value_type> differ;
  std::set_symmetric_difference(before.begin(), before.end(), times_.begin(), times_.end(),
                                std::back_inserter(differ));
  if (differ.empty()) return std::nullopt;
  return differ.front().first.filename().string();
}
