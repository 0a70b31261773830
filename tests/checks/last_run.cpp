#include "last_run.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <tuple>
#include <utility>

LastRun::LastRun(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream in(file_);
  for (std::string line; std::getline(in, line);) {
    std::string part;
    Counts counts;
    char between = ' ';
    std::istringstream words(line);
    words >> part >> counts.passed;
    if (part == "reached") words >> between;
    if (!(words >> counts.judged)) continue;
    (part == "reached" ? reached_ : parts_[part]) = counts;
  }
}

std::string LastRun::compare(const std::string& part, int passed, int judged) const {
  const auto found = parts_.find(part);
  if (found == parts_.end() || found->second.judged != judged) return "";
  if (found->second.passed == passed) return "";
  return ", before: " + std::to_string(found->second.passed) + ", now " + std::to_string(passed);
}

void LastRun::note(const std::string& part, int passed, int judged) {
  parts_[part] = {passed, judged};
}

void LastRun::reach(int step, int move) {
  if (std::tie(step, move) > std::tie(reached_.passed, reached_.judged)) reached_ = {step, move};
}

void LastRun::save() const {
  if (file_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(file_.parent_path(), ignored);
  const std::filesystem::path written = file_.string() + ".new";
  std::ofstream out(written);
  for (const auto& [part, counts] : parts_) {
    out << part << ' ' << counts.passed << ' ' << counts.judged << '\n';
  }
  out << "reached " << reached_.passed << '.' << reached_.judged << '\n';
  out.close();
  if (out) std::filesystem::rename(written, file_, ignored);
}
