#include "report.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>

#include "check.hpp"
#include "last_run.hpp"
#include "narrate.hpp"
#include "page.hpp"
#include "standing.hpp"

namespace {

constexpr std::size_t bar_width = 20;

struct Result {
  std::string name;
  Verdict verdict;
  std::string reason;  // why it was not judged
};

std::vector<Result>& results() {
  static std::vector<Result> results;
  return results;
}

// What the running check has thrown, kept by the translators below.
std::optional<Failure> thrown_failure;
std::optional<NotJudged> thrown_not_judged;

doctest::String keep_failure(Failure failure) {
  thrown_failure = std::move(failure);
  return "a failure";
}

doctest::String keep_not_judged(NotJudged reason) {
  thrown_not_judged = std::move(reason);
  return "not judged";
}

const int translators = doctest::registerExceptionTranslator<Failure>(keep_failure) +
                        doctest::registerExceptionTranslator<NotJudged>(keep_not_judged);

std::string step_name(int step) { return "step0" + std::to_string(step); }

bool shown_in_full = false;  // one failure has been
bool answered = true;  // the server, at all
std::string first_failure;  // as it was shown, for the wall

void print_title(const std::string& name, const std::string& section) {
  const std::string reference = section.empty() ? "" : "[" + section + "]";
  std::string line = name;
  const std::size_t used = std::string("  FAIL  ").size() + name.size() + reference.size();
  if (!reference.empty()) line.append(used + 2 <= page_width() ? page_width() - used : 2, ' ');
  std::cout << coloured(Colour::red, "  FAIL  ") << coloured(Colour::bold, line)
            << coloured(Colour::dim, reference) << '\n';
}

std::string address_to_try() {
  return settings().address.empty() ? "127.0.0.1:8000" : settings().address;
}

struct Details {
  std::optional<Failure> failure;
  std::string other;  // an exception or assertion that is not a Failure
  std::vector<std::string> troubles;
  std::vector<std::string> last_words;
};

// The name of what is judged: the last word of a command before its options, without directories.
std::string name_of_the_server() {
  std::string name = settings().address;
  std::istringstream words(settings().command);
  for (std::string word; words >> word && word[0] != '-' && word[0] != '{';) {
    name = std::filesystem::path(word).filename().string();
  }
  return name;
}

// What a student builds, from a step or in any language.
bool is_a_students() { return name_of_the_server().rfind("my_server", 0) == 0; }

// A server that is no step's, nor made of one, has none of the functions of the steps: it may be
// written in any language.
bool is_a_step() {
  const std::string name = name_of_the_server();
  const bool numbered = name.size() > 7 && name.rfind("step0", 0) == 0 && name[6] == '_';
  const bool copied = name.rfind("my_server", 0) == 0 && name.find('.') == name.npos;
  return numbered || copied;
}

// The command that shows the step's own function: for whoever builds a copy of a step.
void print_way_out(const About& about, const std::string& place) {
  const std::size_t end = place.find("()");
  if (end == place.npos || !is_a_students()) return;
  print_text("still stuck",
             "./workshop look " + std::to_string(about.since) + ' ' + place.substr(0, end));
}

// Where the rule is kept that the check has found broken.
void print_place(const About& about, const std::string& other) {
  if (!is_a_step()) {
    return print_text("look at", "the chapter of step " + std::to_string(about.since));
  }
  const bool both = !other.empty() && other != about.look_at && !about.look_at.empty();
  print_text("look at", both            ? other + "; or " + about.look_at
                        : other.empty() ? about.look_at
                                        : other);
}

void print_details(const std::string& name, const Details& details) {
  const About& about = abouts()[name];
  if (details.failure) narrate(*details.failure);
  if (details.failure) print_text("the server", details.failure->activity);
  print_text("went wrong", details.other);
  if (!details.troubles.empty()) print_labelled("the server", details.troubles);
  if (!details.last_words.empty()) print_labelled("it said", details.last_words);
  // A server that ended was cut off: it has not closed in the wrong way.
  const bool ended = !details.troubles.empty();
  const bool other_rule = details.failure && !details.failure->rule.empty() && !ended;
  print_text("the rule", other_rule ? details.failure->rule : about.rule);
  print_place(about, other_rule ? details.failure->look_at : "");
  if (!details.failure) return;
  const std::string command = try_it(details.failure->story, address_to_try());
  if (!command.empty()) print_labelled("try it", {command});
  print_way_out(about, other_rule && !details.failure->look_at.empty() ? details.failure->look_at
                                                                       : about.look_at);
}

void print_failure(const std::string& name, const Details& details) {
  if (settings().expect_all_to_fail || (settings().climb && shown_in_full)) return;
  if (!shown_in_full) first_failure = printed(wall_width, [&] { print_details(name, details); });
  print_title(name, abouts()[name].section);
  if (shown_in_full && !settings().all) return;
  shown_in_full = true;
  print_details(name, details);
  std::cout << std::endl;  // also shows it now: the run may go on for a while
}

// What has begun early is not waited for; the guard ends the servers.
[[noreturn]] void end_with_this() {
  print_summary();
  std::cout << std::flush;
  std::_Exit(1);
}

bool broke_off(const Failure& failure) {
  if (failure.story.empty()) return true;
  return failure.story.back().then.find("the connection was") != std::string::npos;
}

// A server that is stuck on one connection must not fail the checks that follow.
void renew_stuck_server(const Failure& failure) {
  const bool silent = !failure.story.empty() && !broke_off(failure) &&
                      failure.story.back().then.find("nothing for") != std::string::npos;
  if (silent) restart_the_server();
}

// What doctest calls. It decides what is a failure, and tells it.
class Report : public doctest::IReporter {
 public:
  explicit Report(const doctest::ContextOptions&) {}

  void report_query(const doctest::QueryData& query) override {
    for (unsigned i = 0; i < query.num_data; ++i) {
      selected_checks().emplace_back(query.data[i]->m_name);
    }
  }

  void test_case_start(const doctest::TestCaseData& test) override {
    name_ = test.m_name;
    other_.clear();
    thrown_failure.reset();
    thrown_not_judged.reset();
  }

  void test_case_exception(const doctest::TestCaseException& exception) override {
    if (!thrown_failure && !thrown_not_judged) other_ = exception.error_string.c_str();
  }

  void log_assert(const doctest::AssertData& assertion) override {
    if (assertion.m_failed) other_ = std::string("this is not so: ") + assertion.m_expr;
  }

  void log_message(const doctest::MessageData& message) override {
    other_ = message.m_string.c_str();
  }

  void test_case_end(const doctest::CurrentTestCaseStats&) override {
    if (thrown_failure && broke_off(*thrown_failure)) await_obituary();
    Details details{thrown_failure, other_, {}, take_last_words()};
    details.troubles = take_troubles();
    if (thrown_failure || !other_.empty() || !details.troubles.empty()) {
      results().push_back({name_, Verdict::failed, ""});
      print_failure(name_, details);
      if (settings().first) end_with_this();
      if (thrown_failure) renew_stuck_server(*thrown_failure);
    } else if (thrown_not_judged) {
      results().push_back({name_, Verdict::not_judged, thrown_not_judged->reason});
    } else {
      results().push_back({name_, Verdict::passed, ""});
    }
  }

  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  std::string name_;
  std::string other_;
};

DOCTEST_REGISTER_REPORTER("checks", 1, Report);

// How many checks of one step came out in which way.
struct Rung {
  int passed = 0;
  int failed = 0;
  int not_judged = 0;
  int not_yet = 0;
};

std::map<int, Rung> ladder() {
  std::map<int, Rung> rungs;
  for (const Result& result : results()) {
    Rung& rung = rungs[abouts()[result.name].since];
    if (result.verdict == Verdict::passed) ++rung.passed;
    if (result.verdict == Verdict::failed) ++rung.failed;
    if (result.verdict == Verdict::not_judged) ++rung.not_judged;
  }
  for (const auto& [name, about] : abouts()) {
    if (about.since > settings().step) ++rungs[about.since].not_yet;
  }
  return rungs;
}

std::string bar(const Rung& rung) {
  const int judged = rung.passed + rung.failed;
  std::size_t full = 0;
  if (judged > 0)
    full = bar_width * static_cast<std::size_t>(rung.passed) / static_cast<std::size_t>(judged);
  const std::string done(full, '#');
  const std::string open(bar_width - full, judged > 0 ? '-' : ' ');
  return '[' + coloured(Colour::green, done) + coloured(Colour::red, open) + ']';
}

// What the file of the last run calls the checks of a step, or of its first moves.
std::string part_of(int step) {
  const bool cut = step == settings().step && settings().move > 0;
  return step_name(step) + (cut ? '.' + std::to_string(settings().move) : "");
}

// A server that answers nothing has one failure that is no check.
int judged_of(const Rung& rung) {
  return rung.passed + rung.failed + rung.not_judged - (answered || rung.failed == 0 ? 0 : 1);
}

void print_rung(int step, const Rung& rung, const LastRun& last) {
  std::string words;
  const auto add = [&](int number, const std::string& what, Colour colour) {
    if (number == 0) return;
    words += (words.empty() ? "" : ", ") + coloured(colour, std::to_string(number) + ' ' + what);
  };
  add(rung.passed, "passed", Colour::green);
  add(rung.failed, "failed", Colour::red);
  add(rung.not_judged, "not judged", Colour::yellow);
  add(rung.not_yet, "not yet", Colour::dim);
  words += last.compare(part_of(step), rung.passed, judged_of(rung));
  std::cout << "  " << step_name(step) << "  " << bar(rung) << "  " << words << '\n';
}

// What the next run compares with: but for a server that could not be judged.
void keep(LastRun& last, const std::map<int, Rung>& rungs) {
  if (!answered) return;
  for (const auto& [step, rung] : rungs) {
    if (judged_of(rung) > 0) last.note(part_of(step), rung.passed, judged_of(rung));
  }
  std::pair<int, int> next{settings().step, settings().move > 0 ? settings().move + 1 : 99};
  for (const Result& result : results()) {
    const About& about = abouts()[result.name];
    const std::pair<int, int> move{about.since, about.move == 99 ? 1 : about.move};
    if (result.verdict == Verdict::failed) next = std::min(next, move);
  }
  last.reach(next.first, next.second - 1);
  last.save();
}

// What a student is to build next: the move of the first check that has failed.
void print_next_move() {
  if (!is_a_students()) return;
  for (const Result& result : results()) {
    const About& about = abouts()[result.name];
    if (result.verdict != Verdict::failed || about.move == 99) continue;
    if (settings().expect_all_to_fail || settings().move > 0) return;
    std::cout << "  next: move " << about.since << '.' << about.move << "   ./workshop move "
              << about.since << '.' << about.move << '\n';
    return;
  }
}

std::string move_name(int step, int move) {
  return std::to_string(step) + '.' + std::to_string(move);
}

// The first failure says what is to be built next; without one it is what was not judged yet.
Standing standing() {
  const auto failed = [](const Result& result) { return result.verdict == Verdict::failed; };
  const auto first = std::find_if(results().begin(), results().end(), failed);
  if (first == results().end()) {
    if (!settings().next.empty()) return {settings().next, "", ""};
    return {settings().move > 0 ? move_name(settings().step, settings().move + 1)
                                : move_name(settings().step + 1, 1),
            "", ""};
  }
  const About& about = abouts()[first->name];
  return {about.move == 99 ? "" : move_name(about.since, about.move), first->name, first_failure};
}

void print_not_judged() {
  std::map<std::string, int> reasons;
  for (const Result& result : results()) {
    if (result.verdict == Verdict::not_judged) ++reasons[result.reason];
  }
  for (const auto& [reason, number] : reasons) {
    std::cout << "  " << counted(static_cast<std::size_t>(number), "check")
              << " not judged: " << reason << '\n';
  }
}

// Those that were not shown, for whoever climbs.
void print_more(int number) {
  std::string command = settings().more;
  const std::string step = "{step}";
  const std::size_t at = command.find(step);
  if (at != command.npos) command.replace(at, step.size(), std::to_string(settings().step));
  std::cout << "  and " << number << " more; all of them:  " << command << "\n\n";
}

void print_advice(int failed) {
  if (failed > 1 && !settings().all && !settings().climb) {
    std::cout << "  only the first failure is shown in full: --all shows each\n";
  }
  if (failed > 0 && settings().address.empty()) {
    std::cout << "  the lines \"try it\" speak to port 8000: start the server there first\n";
  }
}

}  // namespace

std::vector<std::string>& selected_checks() {
  static std::vector<std::string> names;
  return names;
}

void print_heading() { std::cout << coloured(Colour::bold, name_of_the_server()) << std::endl; }

void report_bad_end(const std::string& title, const std::vector<std::string>& troubles) {
  if (troubles.empty()) return;
  results().push_back({title, Verdict::failed, ""});
  if (settings().climb && shown_in_full) return;
  if (!shown_in_full)
    first_failure = printed(wall_width, [&] { print_labelled("the server", troubles); });
  print_title(title, "");
  print_labelled("the server", troubles);
}

void report_no_answer(const Failure& failure) {
  answered = false;
  static const std::string name = "answers at all";
  About& about = abouts()[name];
  about.since = std::max(settings().only_since, std::min(settings().step, 2));
  about.rule =
      "what has come is read, and answered; a coroutine that is called and not awaited with "
      "co_await does nothing at all";
  about.look_at =
      settings().step == 1 ? "serve() in session.cpp" : "Session::read_request() in session.cpp";
  for (const std::string& check : selected_checks()) {
    results().push_back(
        {check, Verdict::not_judged, "it answers nothing; what passed before comes back with it"});
  }
  results().push_back({name, Verdict::failed, ""});
  print_failure(name, {failure, "", {}, take_last_words()});
  restart_the_server();  // it may be stuck, and is not asked to end
}

void report_no_start(const Failure& failure) {
  const std::string name = "the server starts";
  results().push_back({name, Verdict::failed, ""});
  first_failure = printed(wall_width, [&] { narrate(failure); });
  print_title(name, "");
  narrate(failure);
  write_standing(standing());
  std::cout << "\n0 passed, 1 failed\n";
}

void print_summary() {
  write_standing(standing());
  const int failed = settings().expect_all_to_fail ? 0 : count(Verdict::failed);
  if (failed > 1 && settings().climb) print_more(failed - 1);
  if (failed > 1 && !settings().climb && !settings().all) std::cout << '\n';
  const std::string& folder = settings().progress;
  LastRun last(folder.empty() ? std::string() : folder + '/' + name_of_the_server());
  const auto rungs = ladder();
  for (const auto& [step, rung] : rungs) print_rung(step, rung, last);
  keep(last, rungs);
  print_next_move();
  print_not_judged();
  print_advice(failed);
  std::cout << count(Verdict::passed) << " passed, " << count(Verdict::failed) << " failed";
  if (count(Verdict::not_judged) > 0) {
    std::cout << ", " << count(Verdict::not_judged) << " skipped";
  }
  std::cout << std::endl;
}

void print_unexpected() {
  for (const Result& result : results()) {
    if (result.verdict == Verdict::failed) continue;
    std::cout << "  NOT RED  " << result.name << ": it "
              << (result.verdict == Verdict::passed ? "passed on" : "was not judged on")
              << " a server that cannot do it yet\n";
  }
}

int count(Verdict verdict) {
  return static_cast<int>(
      std::count_if(results().begin(), results().end(),
                    [&](const Result& result) { return result.verdict == verdict; }));
}

void print_list(bool markdown) {
  if (markdown) std::cout << "| since | check | section | look at |\n|---|---|---|---|\n";
  for (const std::string& name : selected_checks()) {
    const About& about = abouts()[name];
    if (markdown) {
      std::cout << "| " << step_name(about.since) << " | " << name << " | " << about.section
                << " | " << about.look_at << " |\n";
    } else {
      std::cout << step_name(about.since) << "  " << name << "  [" << about.section << "]\n";
    }
  }
}
