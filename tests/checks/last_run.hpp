#pragma once

#include <filesystem>
#include <map>
#include <string>

/// What came of the last run on the same server, kept in a file, so that the next one can compare.
/// A line is "step02 211 249", passed and judged, or "reached 2.4", the last move that is right.
class LastRun {
 public:
  /// Reads what is kept; nothing is, and nothing will be, if `file` is empty.
  explicit LastRun(std::filesystem::path file);

  /// ", before: 207, now 211", if that many of as many checks passed the last time; or nothing.
  std::string compare(const std::string& part, int passed, int judged) const;

  /// Remembers the counts of a step, or of its first moves.
  void note(const std::string& part, int passed, int judged);

  /// Remembers the last move that is right; what was reached once stays so.
  void reach(int step, int move);

  /// Writes it; that this is impossible is no fault of the server's, and not reported.
  void save() const;

 private:
  struct Counts {
    int passed = 0;
    int judged = 0;
  };

  std::filesystem::path file_;
  std::map<std::string, Counts> parts_;
  Counts reached_;  // step and move
};
