// Expect: 100-continue, with which a client asks whether its body is wanted before it sends it.
#include "check.hpp"

namespace {

const std::string expecting = "Expect: 100-continue\r\nContent-Length: 5\r\n";

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {3,
         "RFC 9110 section 10.1.1",
         "100-continue is the only expectation there is; another one may be answered 417: here it "
         "is",
         "expects_continue() in http/body.cpp",
         {
             Row("refuses an expectation that it does not know", get("Expect: tea\r\n"), 417),
             Row("refuses another number than 100", get("Expect: 200-ok\r\n"), 417),
             Row("refuses an unknown expectation beside 100-continue",
                 get("Expect: 100-continue, tea\r\n"), 417),
             Row("refuses an unknown expectation in a second Expect",
                 get("Expect: 100-continue\r\nExpect: tea\r\n"), 417),
             Row("refuses an unknown expectation beside a wish to upgrade",
                 get("Expect: tea\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     "Sec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
                 417),
             Row("refuses an expectation with a body",
                 request("POST", "/echo", "Expect: tea\r\nContent-Length: 5\r\n", "hello"), 417),
         }},
        {3,
         "RFC 9110 section 10.1.1",
         "a body whose length was announced with Expect: 100-continue is read like any other",
         "expects_continue() in http/body.cpp",
         {
             Row("reads the body of an expecting request",
                 request("POST", "/echo", expecting, "hello"), 200)
                 .with_body("hello"),
             Row("knows 100-continue in any case",
                 request("POST", "/echo", "expect: 100-CONTINUE\r\nContent-Length: 5\r\n", "hello"),
                 200)
                 .with_body("hello"),
             Row("takes 100-continue twice in a list",
                 request("POST", "/echo",
                         "Expect: 100-continue, 100-continue\r\nContent-Length: 5\r\n", "hello"),
                 200)
                 .with_body("hello"),
             Row("takes 100-continue in two lines",
                 request("POST", "/echo", "Expect: 100-continue\r\n" + expecting, "hello"), 200)
                 .with_body("hello"),
             Row("passes over empty members of Expect",
                 request("POST", "/echo", "Expect: , 100-continue,\r\nContent-Length: 5\r\n",
                         "hello"),
                 200)
                 .with_body("hello"),
             Row("reads the chunked body of an expecting request",
                 request("POST", "/echo", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n",
                         "5\r\nhello\r\n0\r\n\r\n"),
                 200)
                 .with_body("hello"),
         }},
    });

}  // namespace

TEST_CASE("sends 100 before it waits for a body that is wanted" * since(3) *
          section("RFC 9110 section 10.1.1") *
          rule("the client waits with its body until it reads 100 (Continue), which is said once; "
               "what follows the body is the answer") *
          look_at("BodyReader::receive_more() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", expecting));
  expect_status(client, client.read_any_answer("POST"), {100});
  client.send("hello");
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "hello");
  expect_right_end(client, answer);
}

TEST_CASE("sends one 100 only, however slowly the body comes" * since(3) *
          section("RFC 9110 section 15.2.1") *
          rule("100 (Continue) is said once; what follows it is the answer") *
          look_at("BodyReader::receive_more() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"));
  expect_status(client, client.read_any_answer("POST"), {100});
  client.send_byte_by_byte("5\r\nhello\r\n0\r\n\r\n");
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "hello");
}

// The other client is served behind what this one has sent: then that has been read.
TEST_CASE("sends no 100 in the middle of a body" * since(3) * section("RFC 9110 section 10.1.1") *
          rule("a client whose body has begun does not wait for 100 (Continue), which would only "
               "delay it") *
          look_at("BodyReader::take_data() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", expecting, "hel"));
  expect_service(the_server());
  client.note("another client was served");
  client.send("lo");
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "hello");
}

TEST_CASE("sends no 100 when the body is already there" * since(3) *
          section("RFC 9110 section 10.1.1") *
          rule("a server may leave out 100 (Continue) once the body has come; it saves a packet") *
          look_at("BodyReader::next() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", expecting, "hello"));
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "hello");
}

TEST_CASE("sends no 100 when there is no body" * since(3) * section("RFC 9110 section 10.1.1") *
          rule("a request with no body waits for nothing") *
          look_at("BodyReader::next() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 0\r\n"));
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {200});
  expect_right_end(client, answer);
}

TEST_CASE(
    "sends no 100 for a body that nobody reads" * since(2) * section("RFC 9110 section 10.1.1") *
    rule("the final answer in place of 100 tells the client to keep its body; whether it does "
         "cannot be known, so that the connection ends") *
    look_at("Session::answer() in session.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/", expecting));
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {405});
  client.expect_end();
}

TEST_CASE("sends no 100 for a body that is too large" * since(3) *
          section("RFC 9110 section 10.1.1") *
          rule("this is what the expectation is for: the refusal comes before the body") *
          look_at("BodyReader::check_size() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 99999999999\r\n"));
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {413});
  expect_right_end(client, answer);
}

TEST_CASE("sends no 100 to HTTP/1.0" * since(3) * section("RFC 9110 section 10.1.1") *
          rule("a client of HTTP/1.0 does not know interim answers: its expectation is ignored") *
          look_at("expects_continue() in http/body.cpp")) {
  Client client(the_server());
  client.send("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhel");
  client.send("lo");
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "hello");
}
