// Step 01: a connection gives back what it is given.
#include "check.hpp"

TEST_CASE("echoes what it is sent" * since(1) * until(1) * section("RFC 9293 section 3.8") *
          rule("every byte comes back, in order") * look_at("serve() in session.cpp")) {
  Client client(the_server());
  client.send("hello\r\n");
  client.expect_bytes("hello\r\n");
  client.send_byte_by_byte("one byte at a time");
  client.expect_bytes("one byte at a time");
}
