#include "talk.hpp"

namespace {

constexpr std::size_t largest_in_bytes = 2000;  // what is sent byte by byte

std::map<std::string, const Talk*>& all_talks() {
  static std::map<std::string, const Talk*> talks;
  return talks;
}

enum class Sending { whole, byte_by_byte, with_handshake };

void judge(const Talk& talk, Sending sending) {
  const bool with_handshake = sending == Sending::with_handshake;
  WebSocket socket(the_server(), talk.handshake, with_handshake ? talk.frames : "");
  if (sending == Sending::whole) socket.client().send(talk.frames);
  if (sending == Sending::byte_by_byte) socket.client().send_byte_by_byte(talk.frames);
  socket.expect(talk.expected);
  socket.client().expect_end();
}

void judge_talk() {
  const Talk& talk = *all_talks().at(current_check());
  for (Sending sending : {Sending::whole, Sending::byte_by_byte, Sending::with_handshake}) {
    if (sending == Sending::byte_by_byte && talk.frames.size() > largest_in_bytes) continue;
    try {
      judge(talk, sending);
    } catch (Failure& failure) {
      if (sending != Sending::whole) tell_passed_before(failure);
      throw;
    }
  }
}

}  // namespace

Talk talks(const std::string& name, const std::string& frames, std::vector<Expected> expected) {
  expected.push_back(closed(1000));
  return {name, frames + close_frame(1000), std::move(expected)};
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
