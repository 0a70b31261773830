#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A move of a step: 3.2 is the second one of step 3.
struct Move {
  int step = 1;
  int number = 1;
  auto operator<=>(const Move&) const = default;
};

/// What one student reports. Strangers write it: of each text only so much is kept.
struct Report {
  std::string name;  ///< one line
  std::optional<Move> next;  ///< to be built next; nothing: what fails belongs to no move
  std::string check;  ///< that fails; empty: none does
  std::string text;  ///< what the student was shown of it
};

/// Reads the form that a student sends (application/x-www-form-urlencoded). Throws
/// std::invalid_argument, which says in a sentence what is wrong with it.
Report parse_report(std::string_view form);

/// Who is in the room, and where each of them stands. Nothing of it is written to a file.
class Roll {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t most_students = 100;
  static constexpr std::chrono::seconds pause{1};  ///< between two reports of one student
  static constexpr std::size_t most_stuck = 3;  ///< checks that are told of

  enum class Answer { taken, too_soon, full };

  /// A report that has come at `now`. A later one of the same name takes its place.
  Answer take(Report report, Time now);

  /// Everything, in JSON, as page.html reads it: `moves`, how many each step has; `students` by
  /// name; and `stuck`, the checks that most of them fail first, each with its newest report.
  std::string json(Time now) const;

 private:
  struct Student {
    Move next;
    std::string check;
    std::string text;
    Time reported;  // last
    Time since;  // when what is next and fails was reported first
  };

  struct Stuck {
    int number = 0;  // of students whose first failure it is
    const Student* newest = nullptr;
  };

  std::vector<Stuck> most_are_stuck_at() const;
  std::vector<std::string> json_of_stuck() const;

  std::map<std::string, Student> students_;  // by name
};
