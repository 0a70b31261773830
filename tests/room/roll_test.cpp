#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "roll.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

namespace {

const Roll::Time morning{};

Report report(const std::string& name, Move next = {2, 1}, const std::string& check = "",
              const std::string& text = "") {
  return {name, next, check, text};
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("a form is understood as curl sends it") {
  const Report ada = parse_report("next=3.12&check=a%20b&report=1%0A+2%2B2%22&name=Ada+L%C3%B6");
  CHECK(ada.name == "Ada L\u00f6");
  CHECK((ada.next == Move{3, 12}));
  CHECK(ada.check == "a b");
  CHECK(ada.text == "1\n 2+2\"");
}

TEST_CASE("what is not told is empty, and no move is the next one") {
  const Report ada = parse_report("name=Ada");
  CHECK_FALSE(ada.next.has_value());
  CHECK(ada.check.empty());
  CHECK(ada.text.empty());
}

TEST_CASE("a name is trimmed, and one line") {
  CHECK(parse_report("name=%09+Ada%0D%0AB%00C%7F+").name == "Ada  B C");
  CHECK(parse_report("name=A%FF%E2%82B").name == "A\ufffd\ufffdB");
  for (const char* form : {"", "name=", "name=%20%09%0A", "nick=Ada"}) {
    CHECK_THROWS_WITH_AS(parse_report(form), "a name has 1 to 24 characters",
                         std::invalid_argument);
  }
}

TEST_CASE("a name has 24 characters at most, however many octets each has") {
  const std::string four_octets = "%F0%9F%91%8B";
  CHECK(parse_report("name=" + repeated(four_octets, 24)).name.size() == 96);
  CHECK_THROWS_AS(parse_report("name=" + repeated(four_octets, 25)), std::invalid_argument);
  CHECK_THROWS_AS(parse_report("name=" + repeated("x", 25)), std::invalid_argument);
}

TEST_CASE("of a check and a report only so much is kept, in whole characters") {
  const Report ada = parse_report("name=Ada&check=x" + repeated("%C3%B6", 100) + "&report=x" +
                                  repeated("%E2%82%AC", 2000));
  CHECK(ada.check == "x" + repeated("\u00f6", 59));  // 119 octets: another one would be 121
  CHECK(ada.text == "x" + repeated("\u20ac", 1333));
}

TEST_CASE("what is next is a move") {
  for (const char* next : {"3", ".", "3.", ".3", "0.1", "3.0", "10.1", "3.100", "-1.2", "3.2x",
                           "3.2.1", "99999999999.1"}) {
    CAPTURE(next);
    CHECK_THROWS_WITH_AS(parse_report(std::string("name=Ada&next=") + next),
                         "next is a move, as 3.2", std::invalid_argument);
  }
}

TEST_CASE("a student reports once a second") {
  Roll roll;
  CHECK(roll.take(report("Ada"), morning) == Roll::Answer::taken);
  CHECK(roll.take(report("Ada"), morning + 999ms) == Roll::Answer::too_soon);
  CHECK(roll.take(report("Bob"), morning + 999ms) == Roll::Answer::taken);
  CHECK(roll.take(report("Ada", {3, 1}), morning + 1s) == Roll::Answer::taken);
  CHECK(contains(roll.json(morning + 1s), R"({"name":"Ada","next":[3,1])"));
}

TEST_CASE("a room has a hundred students, who can go on when it is full") {
  Roll roll;
  for (std::size_t i = 0; i < Roll::most_students; ++i) {
    REQUIRE(roll.take(report("student " + std::to_string(i)), morning) == Roll::Answer::taken);
  }
  CHECK(roll.take(report("Ada"), morning + 1h) == Roll::Answer::full);
  CHECK(roll.take(report("student 7"), morning + 1h) == Roll::Answer::taken);
  CHECK_FALSE(contains(roll.json(morning + 1h), "Ada"));
}

TEST_CASE("the time counts since a student came to what is next and fails") {
  Roll roll;
  roll.take(report("Ada", {2, 3}, "a"), morning);
  roll.take(report("Ada", {2, 3}, "a"), morning + 5min);
  CHECK(contains(roll.json(morning + 6min), R"("seconds":360)"));
  roll.take(report("Ada", {2, 3}, "b"), morning + 7min);
  CHECK(contains(roll.json(morning + 8min), R"("seconds":60)"));
  roll.take(report("Ada", {2, 4}, "b"), morning + 9min);
  CHECK(contains(roll.json(morning + 9min), R"("seconds":0)"));
}

TEST_CASE("a failure that belongs to no move leaves the student where they were") {
  Roll roll;
  roll.take(report("Ada", {3, 4}, "a"), morning);
  roll.take({"Ada", std::nullopt, "the server starts", "it ended"}, morning + 2s);
  CHECK(contains(roll.json(morning + 2s), R"("next":[3,4],"check":"the server starts")"));
}

TEST_CASE("most are stuck at: three checks by their numbers, then by their moves") {
  Roll roll;
  int i = 0;
  const auto add = [&](Move next, const std::string& check, const std::string& text) {
    roll.take(report("student " + std::to_string(i++), next, check, text), morning + i * 1ms);
  };
  add({2, 1}, "rare", "r");
  add({4, 1}, "later", "l1");
  add({3, 2}, "many", "m1");
  add({3, 2}, "many", "m3");
  add({3, 1}, "sooner", "s");
  add({3, 2}, "many", "m2");
  add({3, 1}, "sooner", "s");
  add({4, 1}, "later", "l2");
  add({6, 1}, "", "");
  const std::string all = roll.json(morning);
  CHECK(all.substr(all.find("\"stuck\"")) ==
        "\"stuck\":[{\"check\":\"many\",\"next\":[3,2],\"number\":3,\"report\":\"m2\"},\n"
        "{\"check\":\"sooner\",\"next\":[3,1],\"number\":2,\"report\":\"s\"},\n"
        "{\"check\":\"later\",\"next\":[4,1],\"number\":2,\"report\":\"l2\"}]}");
}

TEST_CASE("texts are JSON's") {
  Roll roll;
  roll.take(parse_report("name=%22%5C%3C/script%3E%01&check=x&report=%0A"), morning);
  const std::string all = roll.json(morning);
  CHECK(contains(all, R"({"name":"\"\\</script>","next":)"));
  CHECK(contains(all, R"("report":"\n"})"));
}
