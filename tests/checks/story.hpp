#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// One thing that happened on a connection.
struct Event {
  enum class Kind { sent, received, note };
  Kind kind;
  std::string bytes;  ///< a note: its words
  std::string how;  ///< of sent bytes: "byte by byte"; of a note: what stands to its left
  std::string then;  ///< what came after them, in words; may be empty
  std::size_t frames_from = std::string::npos;  ///< from here on the bytes are WebSocket frames
  std::string opened = {};  ///< what the bytes before those have opened, in words
};

/// What happened, in order.
using Story = std::vector<Event>;

/// A check's expectation that was not met: thrown by the check, told by the report.
struct Failure {
  Story story;
  std::string expected;  ///< what should have stood at the mark
  std::optional<std::size_t> at;  ///< the mark: an offset in all received bytes; none: no caret
  std::string rule = {};  ///< the rule, and where it is kept, when it is not the check's own
  std::string look_at = {};
  std::string activity = {};  ///< what the server did while it was silent, in words
};

/// A check that cannot be judged with the command or address given.
struct NotJudged {
  std::string reason;
};
