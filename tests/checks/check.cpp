#include "check.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "moves.hpp"

namespace {

// What came of work that was begun early.
struct Outcome {
  std::exception_ptr thrown;
  std::vector<std::string> troubles;  // of servers that it started
};

std::map<std::string, std::future<Outcome>>& early_work() {
  static std::map<std::string, std::future<Outcome>> work;
  return work;
}

Outcome do_early(void (*work)()) {
  Outcome outcome;
  try {
    work();
  } catch (...) {
    outcome.thrown = std::current_exception();
  }
  outcome.troubles = take_own_troubles();
  return outcome;
}

// The name of a row: unlike that of an ordinary test case it is not a literal.
struct named {
  const std::string& name;
  void fill(doctest::detail::TestCase& test) const {
    test.m_full_name = name.c_str();
    test.m_name = test.m_full_name.c_str();
  }
};

// The suite tells the steps that a check holds for, so that doctest's filters can select by step,
// and the move, so that the checks are run in the order of learning. Within a move they are run in
// the order of their files' names, whichever way to the files the compiler was told.
void set_suite(doctest::detail::TestCase& test) {
  About& about = abouts()[test.m_name];
  about.move = move_of(test.m_name);
  about.suite = "step0" + std::to_string(about.since) + (about.move < 10 ? ".0" : ".") +
                std::to_string(about.move) + (leads(test.m_name) ? "" : "+");
  if (about.until < 99) about.suite += " to step0" + std::to_string(about.until);
  test.m_test_suite = about.suite.c_str();
  const std::string file = test.m_file.c_str();
  test.m_file = file.substr(std::min(file.rfind("rules/"), file.size())).c_str();
}

std::map<std::string, const Row*>& table_rows() {
  static std::map<std::string, const Row*> rows;
  return rows;
}

enum class Sending { whole, byte_by_byte, then_another, half_closed };

// The method decides whether an answer has a body.
std::string method_of(const std::string& request) {
  const auto begin = std::min(request.find_first_not_of("\r\n"), request.size());
  return request.substr(begin, request.find_first_of(" \t\r\n", begin) - begin);
}

bool is_refusal(int status) { return status >= 400 && status != 404 && status != 405; }

void send(Client& client, const Row& row, Sending sending) {
  if (sending == Sending::byte_by_byte) {
    client.send_byte_by_byte(row.request, is_refusal(row.statuses.front()));
  } else if (sending == Sending::then_another) {
    client.send(row.request + another_request);
  } else {
    client.send(row.request);
  }
  if (sending == Sending::half_closed) client.shut_down_sending();
}

void expect_field(Client& client, const Answer& answer, const std::string& line) {
  const auto colon = line.find(": ");
  const auto value = answer.find(line.substr(0, colon));
  if (value && lower(*value) == lower(line.substr(colon + 2))) return;
  client.fail(answer.body_begin - 2, "the field \"" + line + "\" in this head");
}

void expect_kept(Client& client, const Answer& answer) {
  if (!answer.announces_close()) return;
  client.fail(answer.body_begin - 2, "a connection that stays open, so no \"connection: close\"");
}

void judge(const Row& row, Sending sending) {
  Client client(the_server());
  send(client, row, sending);
  const Answer answer = client.read_answer(method_of(row.request));
  expect_status(client, answer, row.statuses);
  if (row.body) expect_body(client, answer, *row.body);
  if (!row.lines.empty()) expect_lines(client, answer, row.lines);
  if (!row.field.empty()) expect_field(client, answer, row.field);
  if (row.after == Row::After::kept) expect_kept(client, answer);
  const bool closes =
      row.after == Row::After::closed || is_refusal(answer.status) || answer.announces_close();
  if (sending == Sending::then_another && !closes) return expect_another_answer(client);
  const bool must_end = row.after == Row::After::closed || sending == Sending::half_closed;
  if (must_end) return client.expect_end();
  expect_right_end(client, answer);
}

// A client that has said that a request is its last one sends nothing after it.
bool is_last(const Row& row) {
  return row.after == Row::After::closed ||
         (row.after != Row::After::kept && row.request.find("HTTP/1.0\r\n") != row.request.npos);
}

// Where a request in one piece was answered right, the row's rule is kept, and this one is broken.
void tell_rule_of(Sending sending, Failure& failure) {
  if (!failure.rule.empty()) return;
  if (sending == Sending::byte_by_byte) {
    failure.rule =
        "a request means the same in one piece and in many: the server waits for the rest of it";
    failure.look_at = "Session::read_request() in session.cpp";
  } else if (sending == Sending::then_another) {
    failure.rule =
        "what follows a request is the next one: if the connection goes on, it is kept, "
        "and answered in its turn";
    failure.look_at = "Session::run() in session.cpp";
  } else if (sending == Sending::half_closed) {
    failure.rule =
        "a client that has ended its sending side still reads: it gets its answer, and "
        "then the end";
    failure.look_at = "Session::read_request() in session.cpp";
  }
}

void judge_row() {
  const Row& row = *table_rows().at(current_check());
  for (Sending sending :
       {Sending::whole, Sending::byte_by_byte, Sending::then_another, Sending::half_closed}) {
    if (sending == Sending::then_another && is_last(row)) continue;
    try {
      judge(row, sending);
    } catch (Failure& failure) {
      if (sending != Sending::whole) tell_passed_before(failure);
      tell_rule_of(sending, failure);
      throw;
    }
  }
}

}  // namespace

const std::string another_request = "GET /reflect?another HTTP/1.1\r\nHost: x\r\n\r\n";

std::map<std::string, About>& abouts() {
  static std::map<std::string, About> abouts;
  return abouts;
}

std::string current_check() { return doctest::getContextOptions()->currentTest->m_name; }

void since::fill(doctest::detail::TestCase& test) const {
  abouts()[test.m_name].since = step;
  set_suite(test);
}

void until::fill(doctest::detail::TestCase& test) const {
  abouts()[test.m_name].until = step;
  set_suite(test);
}

void start_early(const std::vector<std::string>& checks) {
  for (const std::string& name : checks) {
    const auto work = abouts()[name].early;
    if (work) early_work()[name] = std::async(std::launch::async, do_early, work);
  }
}

void outcome() {
  const Outcome outcome = early_work().at(current_check()).get();
  for (const std::string& trouble : outcome.troubles) report_trouble(trouble);
  if (outcome.thrown) std::rethrow_exception(outcome.thrown);
}

void register_row(const char* file, unsigned line, int id, const std::string& name,
                  const About& about, void (*judge)()) {
  doctest::detail::TestCase test(judge, file, line, doctest::detail::TestSuite(), "", id);
  doctest::detail::regTest(test * named{name} * since(about.since) *
                           section(about.section.c_str()) * rule(about.rule.c_str()) *
                           look_at(about.look_at.c_str()));
}

int register_table(const char* file, unsigned line, std::vector<Rule> rules) {
  return register_rules(file, line, std::move(rules), table_rows(), judge_row);
}

std::string get(const std::string& fields) { return request("GET", "/reflect", fields); }

std::string request(const std::string& method, const std::string& target, const std::string& fields,
                    const std::string& body) {
  return method + ' ' + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + body;
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::string reflected(const std::string& lines) {
  return "GET /reflect HTTP/1.1\nhost: x\n" + lines;
}

void expect_another_answer(Client& client) {
  const Answer answer = client.read_answer();
  expect_status(client, answer, {200});
  expect_body(client, answer, "GET /reflect?another HTTP/1.1\nhost: x\n");
}

void tell_passed_before(Failure& failure) {
  failure.story.insert(
      failure.story.begin(),
      {Event::Kind::note, "the same, in one piece, was answered right", "first", ""});
}

void expect_status(Client& client, const Answer& answer, const std::vector<int>& statuses) {
  if (std::find(statuses.begin(), statuses.end(), answer.status) != statuses.end()) return;
  std::string expected;
  for (int status : statuses) expected += (expected.empty() ? "" : " or ") + std::to_string(status);
  client.fail(answer.begin + std::string_view("HTTP/1.1 ").size(), expected + " here");
}

void expect_body(Client& client, const Answer& answer, std::string_view body) {
  if (answer.body == body) return;
  const auto [got, wanted] =
      std::mismatch(answer.body.begin(), answer.body.end(), body.begin(), body.end());
  const auto same = static_cast<std::size_t>(got - answer.body.begin());
  const auto rest = body.substr(same, 40);
  std::string expected = rest.empty()
                             ? "the end of the body"
                             : '"' + escape(rest) + (body.size() > same + 40 ? "\"..." : "\"");
  expected += " here";
  const bool cut = same == answer.body.size() && answer.find("content-length");
  if (cut) expected += ", as a part of the body: content-length is too small";
  client.fail(answer.body_begin + same, expected);
}

void expect_lines(Client& client, const Answer& answer, const std::string& lines) {
  const std::string body = '\n' + answer.body;
  if (body.find('\n' + lines) != body.npos) return;
  const std::string wanted = escape(std::string_view(lines).substr(0, lines.size() - 1));
  client.fail(answer.body_begin, "the line \"" + wanted + "\" in this body");
}

void expect_service(const tcp::endpoint& server) {
  Client client(server);
  client.send(another_request);
  expect_another_answer(client);
}

void expect_right_end(Client& client, const Answer& answer) {
  if (is_refusal(answer.status)) {
    return client.expect_end("the end of the connection, after the refusal,");
  }
  expect_announced_end(client, answer);
}

void expect_announced_end(Client& client, const Answer& answer) {
  if (answer.announces_close()) return client.expect_end("the end of the connection");
  client.send(another_request);
  expect_another_answer(client);
}
