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

}  // namespace

SourceWatch::SourceWatch(fs::path directory) : directory_(std::move(directory)), times_(look()) {}

// A file can go while it is looked at: that is a change for the next time.
SourceWatch::Times SourceWatch::look() const {
  Times times;
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(directory_, options, error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (entry->is_directory(gone) && is_left_out(entry->path())) entry.disable_recursion_pending();
    if (entry->path().extension() != ".py") continue;
    const fs::file_time_type time = entry->last_write_time(gone);
    if (!gone) times.emplace(entry->path(), time);
  }
  return times;
}

std::optional<std::string> SourceWatch::changed() {
  const Times before = std::exchange(times_, look());
  std::vector<Times::value_type> differ;
  std::set_symmetric_difference(before.begin(), before.end(), times_.begin(), times_.end(),
                                std::back_inserter(differ));
  if (differ.empty()) return std::nullopt;
  return differ.front().first.filename().string();
}
