#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"
#include "server.hpp"
#include "settings.hpp"
#include "story.hpp"
#include "text.hpp"

/// What the report says of a check besides its name.
struct About {
  int since = 1;  ///< the first step that it holds for
  int until = 99;  ///< the last one
  int move = 99;  ///< of the step `since`: after it the check passes; 99 where none is known
  std::string section;  ///< where the rule stands
  std::string rule;  ///< the rule, in our words
  std::string look_at;  ///< where the steps keep it: "function() in file"
  std::string suite;  ///< doctest's test suite: it is how steps are selected
  void (*early)() = nullptr;  ///< the check's work, when it is to begin with the run
};

/// All checks by name.
std::map<std::string, About>& abouts();

/// The name of the check that is running.
std::string current_check();

/// Decorators of test cases: TEST_CASE("name" * since(3) * section("RFC 9112 section 9.3") * ...).
struct since {
  int step;
  explicit since(int first) : step(first) {}
  void fill(doctest::detail::TestCase& test) const;
};

struct until {
  int step;
  explicit until(int last) : step(last) {}
  void fill(doctest::detail::TestCase& test) const;
};

struct section {
  const char* text;
  explicit section(const char* where) : text(where) {}
  void fill(doctest::detail::TestCase& test) const { abouts()[test.m_name].section = text; }
};

struct rule {
  const char* text;
  explicit rule(const char* words) : text(words) {}
  void fill(doctest::detail::TestCase& test) const { abouts()[test.m_name].rule = text; }
};

struct look_at {
  const char* text;
  explicit look_at(const char* where) : text(where) {}
  void fill(doctest::detail::TestCase& test) const { abouts()[test.m_name].look_at = text; }
};

/// For checks that wait for a deadline of the server: `work` begins when the run begins, in a
/// thread of its own, and the test case collects what came of it with outcome().
struct early {
  void (*work)();
  explicit early(void (*function)()) : work(function) {}
  void fill(doctest::detail::TestCase& test) const { abouts()[test.m_name].early = work; }
};

/// Begins the early work of these checks.
void start_early(const std::vector<std::string>& checks);

/// Waits for the early work of the running check; throws what it threw.
void outcome();

/// A request and the answer it must get. Judged whole, byte by byte, with another request behind
/// it, and with the sending side ended behind it.
struct Row {
  std::string name;
  std::string request;
  std::vector<int> statuses;  ///< one of these
  std::optional<std::string> body;  ///< exactly this one
  std::string field;  ///< "name: value" that the answer must have
  std::string lines;  ///< that its body must contain, each with its LF
  enum class After { as_announced, closed, kept } after = After::as_announced;

  Row(std::string row_name, std::string bytes, int status)
      : name(std::move(row_name)), request(std::move(bytes)), statuses{status} {}
  Row(std::string row_name, std::string bytes, std::vector<int> some)
      : name(std::move(row_name)), request(std::move(bytes)), statuses(std::move(some)) {}

  /// The answer's body is exactly this.
  Row with_body(std::string bytes) && {
    body = std::move(bytes);
    return std::move(*this);
  }

  /// The answer has this field, given as "name: value" with the name in lower case.
  Row with_field(std::string line) && {
    field = std::move(line);
    return std::move(*this);
  }

  /// The answer's body has these lines, one after the other; the last one's LF is left out.
  Row with_lines(const std::string& some) && {
    lines = some + '\n';
    return std::move(*this);
  }

  /// The connection ends after the answer, whether that was announced or not.
  Row then_closed() && {
    after = After::closed;
    return std::move(*this);
  }

  /// The connection stays open after the answer.
  Row then_kept() && {
    after = After::kept;
    return std::move(*this);
  }
};

/// One rule, and what keeps or breaks it.
template <class AnyRow>
struct RuleOf {
  int since;
  const char* section;
  const char* text;
  const char* look_at;
  std::vector<AnyRow> rows;
};

/// One rule, and requests that keep or break it.
using Rule = RuleOf<Row>;

/// Makes each row a check of its own. `file` and `line` say where the table stands.
int register_table(const char* file, unsigned line, std::vector<Rule> rules);

/// Makes row `id` of a table the check `name`, which must stay where it is; `judge` judges it.
void register_row(const char* file, unsigned line, int id, const std::string& name,
                  const About& about, void (*judge)());

/// The same for each row of a table; `judge` finds its row in `rows`, by the check's name.
template <class AnyRow>
int register_rules(const char* file, unsigned line, std::vector<RuleOf<AnyRow>> rules,
                   std::map<std::string, const AnyRow*>& rows, void (*judge)()) {
  static std::vector<std::vector<RuleOf<AnyRow>>> tables;  // they are referred to: they must stay
  tables.push_back(std::move(rules));
  int id = 0;
  for (const RuleOf<AnyRow>& rule : tables.back()) {
    for (const AnyRow& row : rule.rows) {
      rows[row.name] = &row;
      About about;
      about.since = rule.since;
      about.section = rule.section;
      about.rule = rule.text;
      about.look_at = rule.look_at;
      register_row(file, line, id++, row.name, about, judge);
    }
  }
  return id;
}

/// A request for `/reflect` with these field lines (each with its CRLF) after Host.
std::string get(const std::string& fields = "");

/// A request with that method and target, these field lines after Host, and a body.
std::string request(const std::string& method, const std::string& target,
                    const std::string& fields = "", const std::string& body = "");

/// `text`, that many times.
std::string repeated(const std::string& text, std::size_t count);

/// What /reflect answers to get(fields): `lines` are those after Host.
std::string reflected(const std::string& lines = "");

/// A request unlike those of the tables: it asks whether the connection still works.
extern const std::string another_request;

/// Reads the answer to another_request.
void expect_another_answer(Client& client);

/// Says in the failure's story that the same bytes were answered right when they came in one piece.
void tell_passed_before(Failure& failure);

/// The answer has one of these statuses, or the check fails.
void expect_status(Client& client, const Answer& answer, const std::vector<int>& statuses);

/// The answer's body is exactly this, or the check fails.
void expect_body(Client& client, const Answer& answer, std::string_view body);

/// The answer's body has these lines, each with its LF, or the check fails.
void expect_lines(Client& client, const Answer& answer, const std::string& lines);

/// Sends another_request on a connection of its own, and expects its answer: the server is well.
void expect_service(const tcp::endpoint& server);

/// After an answer that was a refusal, or that announced it, the connection ends; otherwise it
/// answers another request.
void expect_right_end(Client& client, const Answer& answer);

/// After an answer that announced it the connection ends; otherwise it answers another request.
void expect_announced_end(Client& client, const Answer& answer);
