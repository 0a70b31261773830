#include "narrate.hpp"

#include <algorithm>
#include <iostream>

#include "frame.hpp"
#include "page.hpp"
#include "text.hpp"

namespace {

constexpr std::size_t longest_command = 4000;  // beyond it nobody would type or paste it

void print_yellow(const std::string& line) {
  std::cout << std::string(text_column, ' ') << coloured(Colour::yellow, line) << '\n';
}

// "^ expected ..." with the caret in that column; to its left where the right has no room.
void print_mark(std::size_t column, const std::string& expected) {
  const std::string words = "expected " + expected;
  const std::string blanks(column, ' ');
  if (column + 2 + words.size() <= text_width()) return print_yellow(blanks + "^ " + words);
  if (words.size() + 1 <= column) {
    return print_yellow(blanks.substr(words.size() + 1) + words + " ^");
  }
  print_yellow(blanks + '^');
  for (const std::string& line : wrap(words, text_width())) print_yellow(line);
}

// Appends words to the last line, or below it where there is no room.
void append_words(std::vector<std::string>& lines, const std::string& words) {
  if (words.empty()) return;
  const bool fits = lines.back().size() + 1 + words.size() <= text_width();
  if (fits) {
    lines.back() += ' ' + words;
  } else {
    lines.push_back(words);
  }
}

// A handshake that was answered right is told in a line.
void print_sent(const Event& event, bool handshake_is_told) {
  const std::size_t begin = std::min(event.frames_from, event.bytes.size());
  std::vector<std::string> lines;
  std::string how = event.how;
  if (!event.opened.empty()) {
    if (handshake_is_told) {
      print_labelled("we sent", excerpt(event.bytes.substr(0, begin), {}, text_width()).lines);
    } else {
      print_text("we opened", event.opened);
    }
    if (begin == event.bytes.size()) return;
    how = "in the same segment";
  }
  if (event.frames_from <= event.bytes.size()) {
    std::size_t unused = 0;
    lines = frames_in_words(std::string_view(event.bytes).substr(begin), Side::client, 0, unused);
  } else {
    lines = excerpt(event.bytes, std::nullopt, text_width()).lines;
  }
  append_words(lines, event.then);
  if (!how.empty()) lines.insert(lines.begin(), how + ':');
  print_labelled("we sent", lines);
}

// What was received, and then what, in lines; the marked byte is in one of them, if it is here.
Excerpt show_received(const Event& event, std::optional<std::size_t> at) {
  if (event.frames_from > event.bytes.size()) {
    Excerpt shown = excerpt(event.bytes, at, text_width());
    if (!event.bytes.empty()) {
      append_words(shown.lines, event.then);
    } else {
      const bool silent = event.then.empty();
      shown.lines = {silent ? "nothing" : event.then.substr(std::string("then ").size())};
    }
    return shown;
  }
  // The answer to the handshake, if it is here, is shown only when it was wrong.
  const std::size_t begin = event.frames_from;
  const bool in_head = at && *at < begin;
  Excerpt shown;
  if (in_head) shown = excerpt(event.bytes.substr(0, begin), at, text_width());
  std::size_t marked = 0;
  const auto frames = frames_in_words(std::string_view(event.bytes).substr(begin), Side::server,
                                      in_head || !at ? 0 : *at - begin, marked);
  shown.lines.insert(shown.lines.end(), frames.begin(), frames.end());
  if (!in_head) shown.mark_line = marked;
  const bool at_end = at && *at >= event.bytes.size();
  const std::size_t after_nothing = shown.lines.empty() ? std::string("then ").size() : 0;
  if (!event.then.empty()) shown.lines.push_back(event.then.substr(after_nothing));
  if (at_end && event.then.empty()) shown.lines.push_back("nothing more");
  return shown;
}

// `at`: where in these bytes the expectation broke, if it did here.
void print_received(const Event& event, std::optional<std::size_t> at,
                    const std::string& expected) {
  const Excerpt shown = show_received(event, at);
  if (!at) return print_labelled("we received", shown.lines);
  const auto after = shown.lines.begin() + static_cast<std::ptrdiff_t>(shown.mark_line) + 1;
  print_labelled("we received", {shown.lines.begin(), after});
  print_mark(shown.mark_column, expected);
  print_labelled("", {after, shown.lines.end()});
}

// Whether the mark is in the answer to a handshake.
bool marks_handshake(const Failure& failure) {
  std::size_t begin = 0;
  for (const Event& event : failure.story) {
    if (event.kind != Event::Kind::received) continue;
    const bool frames = event.frames_from <= event.bytes.size();
    if (frames && failure.at && *failure.at < begin + event.frames_from) return true;
    begin += event.bytes.size();
  }
  return false;
}

}  // namespace

void narrate(const Failure& failure) {
  std::size_t begin = 0;  // of the event's bytes in all that was received
  bool marked = false;
  const bool handshake_is_told = marks_handshake(failure);
  for (const Event& event : failure.story) {
    if (event.kind == Event::Kind::sent) print_sent(event, handshake_is_told);
    if (event.kind == Event::Kind::note)
      print_text(event.how.empty() ? "then" : event.how, event.bytes);
    if (event.kind != Event::Kind::received) continue;
    const std::size_t end = begin + event.bytes.size();
    const bool last = &event == &failure.story.back();
    const bool here = !marked && failure.at && (*failure.at < end || last);
    print_received(event, here ? std::optional(*failure.at - begin) : std::nullopt,
                   failure.expected);
    marked = marked || here;
    begin = end;
  }
  if (!marked) print_text("expected", failure.expected);
}

std::string try_it(const Story& story, const std::string& address) {
  std::string commands;
  bool byte_by_byte = false;
  bool half_closed = false;
  bool frames = false;
  int parts = 0;
  for (const Event& event : story) {
    if (event.kind == Event::Kind::note && event.how.empty()) return "";
    if (event.kind != Event::Kind::sent) continue;
    commands += (parts++ > 0 ? "; sleep 1; " : "") + printf_command(event.bytes);
    byte_by_byte = byte_by_byte || !event.how.empty();
    half_closed = half_closed || !event.then.empty();
    frames = frames || event.frames_from < event.bytes.size();
  }
  if (parts == 0 || commands.size() > longest_command) return "";
  if (commands.find("; ") != commands.npos) commands = "{ " + commands + "; }";
  if (byte_by_byte) {
    commands += " | od -An -v -w1 -to1 | while read b; do printf \"\\\\$b\"; sleep .01; done";
  }
  const auto colon = address.rfind(':');
  commands += (half_closed ? " | nc -N " : " | nc ") + address.substr(0, colon) + ' ' +
              address.substr(colon + 1);
  return commands + (frames ? " | sed '1,/^\\r$/d' | od -An -tx1z" : "");
}
