#include "talk.hpp"

namespace {

constexpr std::size_t largest_in_bytes = 2000;  // what is sent byte by byte

std::map<std::string, const Talk*>& all_talks() {
  static std::map<std::string, const Talk*> talks;
  return talks;
}

void judge(const Talk& talk, bool byte_by_byte) {
  WebSocket socket(the_server(), talk.handshake);
  if (byte_by_byte) {
    socket.client().send_byte_by_byte(talk.frames);
  } else {
    socket.client().send(talk.frames);
  }
  socket.expect(talk.expected);
  const bool closed_already =
      !talk.expected.empty() && talk.expected.back().opcode == Opcode::close;
  if (!closed_already) {
    socket.client().send(close_frame(1000));
    socket.expect(closed(1000));
  }
  socket.client().expect_end();
}

void judge_talk() {
  const Talk& talk = *all_talks().at(current_check());
  judge(talk, false);
  if (talk.frames.size() > largest_in_bytes) return;
  try {
    judge(talk, true);
  } catch (Failure& failure) {
    tell_passed_before(failure);
    throw;
  }
}

}  // namespace

Talk talks(const std::string& name, const std::string& frames, std::vector<Expected> expected) {
  return {name, frames, std::move(expected)};
}

Talk echoes(const std::string& name, Opcode opcode, const std::string& message) {
  return talks(name, frame(opcode, message), {{opcode, message}});
}

Talk fails(const std::string& name, const std::string& frames, int code,
           std::vector<Expected> expected) {
  expected.push_back(closed(code));
  return {name, frames, std::move(expected)};
}

int register_talks(const char* file, unsigned line, std::vector<RuleOf<Talk>> rules) {
  return register_rules(file, line, std::move(rules), all_talks(), judge_talk);
}
