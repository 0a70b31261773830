#include "roll.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "http/target.hpp"
#include "moves.inc"
#include "utf8.hpp"

namespace {

constexpr std::size_t most_of_a_name = 24;  // characters
constexpr std::size_t most_of_a_check = 120;  // octets
constexpr std::size_t most_of_a_text = 4000;  // octets

bool continues_character(char c) { return (c & 0xc0) == 0x80; }

// The first `size` octets, without a character that this would cut.
void cut(std::string& text, std::size_t size) {
  if (text.size() <= size) return;
  while (size > 0 && continues_character(text[size])) --size;
  text.resize(size);
}

// A field of the form in UTF-8, in which control characters are blanks; but not the ends of lines.
std::string field(std::string_view form, std::string_view name) {
  std::string text(http::query_parameter(form, name).value_or(""));
  std::replace(text.begin(), text.end(), '+', ' ');
  text = to_valid_utf8(http::percent_decode(text));
  const auto controls = [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == '\x7f'; };
  std::replace_if(text.begin(), text.end(), controls, ' ');
  return text;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  const std::size_t first = text.find_first_not_of(' ');
  if (first == text.npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string parse_name(std::string_view form) {
  std::string name = one_line(field(form, "name"));
  const auto characters = name.size() - static_cast<std::size_t>(std::count_if(
                                            name.begin(), name.end(), continues_character));
  if (characters < 1 || characters > most_of_a_name) {
    throw std::invalid_argument("a name has 1 to " + std::to_string(most_of_a_name) +
                                " characters");
  }
  return name;
}

int parse_number(std::string_view text, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < 1 || number > most) {
    throw std::invalid_argument("next is a move, as 3.2");
  }
  return number;
}

std::optional<Move> parse_next(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t point = std::min(text.find('.'), text.size() - 1);
  return Move{parse_number(text.substr(0, point), 9), parse_number(text.substr(point + 1), 99)};
}

// A JSON string (RFC 8259 section 7) of text in UTF-8 that has no control characters but LF.
std::string json_string(std::string_view text) {
  std::string string = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') string += '\\';
    if (c == '\n') {
      string += "\\n";
    } else {
      string += c;
    }
  }
  return string += '"';
}

std::string json_of(Move move) {
  return '[' + std::to_string(move.step) + ',' + std::to_string(move.number) + ']';
}

// Some objects as an array.
std::string json_of(const std::vector<std::string>& objects) {
  std::string array;
  for (const std::string& object : objects) (array += array.empty() ? "" : ",\n") += object;
  return '[' + array + ']';
}

}  // namespace

Report parse_report(std::string_view form) {
  Report report;
  report.name = parse_name(form);
  report.next = parse_next(field(form, "next"));
  report.check = one_line(field(form, "check"));
  report.text = field(form, "report");
  cut(report.check, most_of_a_check);
  cut(report.text, most_of_a_text);
  return report;
}

Roll::Answer Roll::take(Report report, Time now) {
  const auto known = students_.find(report.name);
  if (known == students_.end() && students_.size() == most_students) return Answer::full;
  if (known != students_.end() && now - known->second.reported < pause) return Answer::too_soon;
  Student& student = students_[report.name];
  const Move next = report.next.value_or(student.next);
  const bool goes_on =
      known == students_.end() || next != student.next || report.check != student.check;
  if (goes_on) student.since = now;
  student.next = next;
  student.check = std::move(report.check);
  student.text = std::move(report.text);
  student.reported = now;
  return Answer::taken;
}

std::string Roll::json(Time now) const {
  std::vector<std::string> students;
  for (const auto& [name, student] : students_) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - student.since);
    students.push_back("{\"name\":" + json_string(name) + ",\"next\":" + json_of(student.next) +
                       ",\"check\":" + json_string(student.check) +
                       ",\"seconds\":" + std::to_string(seconds.count()) + '}');
  }
  return "{\"moves\":[" MOVES "],\n\"students\":" + json_of(students) +
         ",\n\"stuck\":" + json_of(json_of_stuck()) + '}';
}

std::vector<std::string> Roll::json_of_stuck() const {
  std::vector<std::string> objects;
  for (const Stuck& stuck : most_are_stuck_at()) {
    objects.push_back("{\"check\":" + json_string(stuck.newest->check) + ",\"next\":" +
                      json_of(stuck.newest->next) + ",\"number\":" + std::to_string(stuck.number) +
                      ",\"report\":" + json_string(stuck.newest->text) + '}');
  }
  return objects;
}

std::vector<Roll::Stuck> Roll::most_are_stuck_at() const {
  std::map<std::string_view, Stuck> by_check;
  for (const auto& [name, student] : students_) {
    if (student.check.empty()) continue;
    Stuck& stuck = by_check[student.check];
    ++stuck.number;
    if (!stuck.newest || stuck.newest->reported < student.reported) stuck.newest = &student;
  }
  std::vector<Stuck> all;
  for (const auto& [check, stuck] : by_check) all.push_back(stuck);
  std::sort(all.begin(), all.end(), [](const Stuck& one, const Stuck& other) {
    return std::tie(other.number, one.newest->next, one.newest->check) <
           std::tie(one.number, other.newest->next, other.newest->check);
  });
  if (all.size() > most_stuck) all.resize(most_stuck);
  return all;
}
