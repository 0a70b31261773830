// The lifespan of an application: from before the first connection to after the last.
#include <doctest/doctest.h>

#include <stdexcept>

#include "client.hpp"
#include "probe.hpp"
#include "running.hpp"

using asgi::LifespanScope;
using asgi::LifespanShutdownComplete;
using asgi::LifespanShutdownFailed;
using asgi::LifespanStartupComplete;
using asgi::LifespanStartupFailed;
using namespace std::chrono_literals;

namespace {

constexpr Lifespan both[] = {Lifespan::automatic, Lifespan::on};

// An application that answers a request, and has that lifespan.
asgi::App with_lifespan(asgi::App lifespan, Journal& journal) {
  return [lifespan, &journal](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
    if (std::holds_alternative<LifespanScope>(scope)) {
      co_await lifespan(scope, receive, send);
      co_return;
    }
    journal.add("request");
    co_await respond(send, 200, "text");
  };
}

// Runs it for one request. What the startup threw, and what was logged, if anything.
std::string run_once(asgi::App app, const Options& options) {
  const Log log;
  try {
    Running server(std::move(app), options);
    exchange(server.port(), last_get("/"));
    server.stop();
    server.join();
  } catch (const std::exception& error) {
    return std::string("threw ") + error.what();
  }
  return log.text();
}

// The usual lifespan, written down.
asgi::App usual(Journal& journal) {
  return [&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await note_sent(journal, send, LifespanStartupComplete());
    co_await note_received(journal, receive);
    co_await note_sent(journal, send, LifespanShutdownComplete());
  };
}

// Sends that event at startup, after the usual start at shutdown, and throws if it is to.
asgi::App failing(asgi::SendEvent event, bool at_shutdown, bool throws) {
  return [=](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await receive();
    if (at_shutdown) {
      co_await send(LifespanStartupComplete());
      co_await receive();
    }
    co_await send(event);
    if (throws) throw std::runtime_error("thrown");
  };
}

}  // namespace

TEST_CASE("contract 95: startup before the first request, shutdown after the last connection") {
  for (const Lifespan lifespan : both) {
    Journal journal;
    CHECK(run_once(with_lifespan(usual(journal), journal), lifespan_options(lifespan)) == "");
    CHECK(journal.text() == "lifespan.startup\nsent\nrequest\nlifespan.shutdown\nsent\n");
  }
}

TEST_CASE("contract 95: nobody can connect before startup is complete") {
  Journal journal;
  const asgi::App app = with_lifespan(usual(journal), journal);
  Options options = lifespan_options(Lifespan::on);
  Server server(options, [](Connection&) -> awaitable<void> { co_return; });
  CHECK_THROWS_AS(Client{server.local_endpoint().port()}, std::runtime_error);
  asgi::State state;
  asgi::LifespanCycle lifespan(server.io(), app, options, state);
  CHECK(run_until_complete(server.io(), lifespan.startup()));
  server.listen();
  Client client(server.local_endpoint().port());
}

TEST_CASE("contract 95: shutdown waits for the request under way") {
  Journal journal;
  Gate gate;
  Running server(
      [&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
        if (std::holds_alternative<LifespanScope>(scope)) {
          const asgi::App life_app = usual(journal);
          co_await life_app(scope, receive, send);
          co_return;
        }
        journal.add("begun");
        co_await gate.pass();
        co_await respond(send, 200, "text");
        journal.add("ended");
      },
      lifespan_options(Lifespan::on));
  Client client(server.port());
  client.send(get("/"));
  journal.wait_for("begun");
  server.stop();
  gate.open();
  server.join();
  CHECK(journal.text() == "lifespan.startup\nsent\nbegun\nended\nlifespan.shutdown\nsent\n");
}

TEST_CASE("contract 96: with off the application has no lifespan") {
  Journal journal;
  CHECK(run_once(with_lifespan(usual(journal), journal), plain_options()) == "");
  CHECK(journal.text() == "request\n");
}

TEST_CASE("contract 97: with auto one that does not know its scope is left alone") {
  Journal journal;
  const auto unknown = [&](const Scope&, Receive, Send) -> awaitable<void> {
    journal.add("called");
    throw std::runtime_error("what is this scope");
    co_return;
  };
  CHECK(run_once(with_lifespan(unknown, journal), lifespan_options(Lifespan::automatic)) == "");
  CHECK(journal.text() == "called\nrequest\n");
}

TEST_CASE("contract 98: with on that ends the server") {
  Journal journal;
  const auto unknown = [](const Scope&, Receive, Send) -> awaitable<void> {
    throw std::runtime_error("what is this scope");
    co_return;
  };
  CHECK(run_once(with_lifespan(unknown, journal), lifespan_options(Lifespan::on)) ==
        "threw no lifespan: what is this scope");
  CHECK(journal.text() == "");
}

TEST_CASE("contract 99: startup.failed ends the server with its message") {
  for (const Lifespan lifespan : both) {
    for (const bool throws : {false, true}) {
      Journal journal;
      const asgi::App app = failing(LifespanStartupFailed("no database"), false, throws);
      CHECK(run_once(with_lifespan(app, journal), lifespan_options(lifespan)) ==
            "threw lifespan startup failed: no database");
      CHECK(journal.text() == "");
    }
  }
}

TEST_CASE("contract 100: shutdown.failed is logged with its message") {
  for (const Lifespan lifespan : both) {
    for (const bool throws : {false, true}) {
      Journal journal;
      const asgi::App app = failing(LifespanShutdownFailed("data lost"), true, throws);
      CHECK(run_once(with_lifespan(app, journal), lifespan_options(lifespan)) ==
            "lifespan shutdown failed: data lost\n");
    }
  }
}

TEST_CASE("contract 100: so is an exception at shutdown") {
  Journal journal;
  const auto throwing = [](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await receive();
    co_await send(LifespanStartupComplete());
    co_await receive();
    throw std::runtime_error("thrown");
  };
  CHECK(run_once(with_lifespan(throwing, journal), lifespan_options(Lifespan::on)) ==
        "lifespan shutdown failed: thrown\n");
}

TEST_CASE("contracts 101, 102: the scope has the state, and what is put there is kept") {
  Journal journal;
  Running server(
      [&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
        if (const auto* const life = std::get_if<LifespanScope>(&scope)) {
          journal.add(life->state.empty() ? "an empty state" : "what is this");
          life->state["answer"] = std::string("42");
          const asgi::App life_app = usual(journal);
          co_await life_app(scope, receive, send);
          co_return;
        }
        const asgi::State& state = std::get<asgi::HttpScope>(scope).state;
        journal.add(std::any_cast<std::string>(state.at("answer")));
        co_await respond(send, 200, "");
      },
      lifespan_options(Lifespan::automatic));
  exchange(server.port(), last_get("/"));
  CHECK(journal.text() == "an empty state\nlifespan.startup\nsent\n42\n");
}

TEST_CASE("contract 103: a startup or shutdown that is not answered has a limit") {
  Journal journal;
  Options options = lifespan_options(Lifespan::automatic);
  options.timeout_lifespan = 1s;
  const auto silent = [](const Scope&, Receive, Send) -> awaitable<void> { co_await wait(1h); };
  CHECK(run_once(with_lifespan(silent, journal), options) ==
        "threw lifespan startup was not answered in time");
  const auto stuck = [](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await receive();
    co_await send(LifespanStartupComplete());
    co_await wait(1h);
  };
  CHECK(run_once(with_lifespan(stuck, journal), options) ==
        "lifespan shutdown was not answered in time\n");
}

TEST_CASE("contract 104: an application that returns at once is not waited for") {
  Journal journal;
  const auto absent = [](const Scope&, Receive, Send) -> awaitable<void> { co_return; };
  CHECK(run_once(with_lifespan(absent, journal), lifespan_options(Lifespan::automatic)) == "");
  CHECK(journal.text() == "request\n");
  CHECK(run_once(with_lifespan(absent, journal), lifespan_options(Lifespan::on)) ==
        "threw no lifespan: the application returned");
}

TEST_CASE("contract 104: nor is one that returns after its startup") {
  Journal journal;
  const auto brief = [](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await receive();
    co_await send(LifespanStartupComplete());
  };
  CHECK(run_once(with_lifespan(brief, journal), lifespan_options(Lifespan::on)) == "");
}

TEST_CASE("an application that fails between startup and shutdown is logged at once") {
  Journal journal;
  const auto brief = [](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await receive();
    co_await send(LifespanStartupComplete());
    throw std::runtime_error("lost its way");
  };
  CHECK(run_once(with_lifespan(brief, journal), lifespan_options(Lifespan::on)) ==
        "lifespan failed: lost its way\n");
}

TEST_CASE("contract 105: one that throws after a while does not know its scope either") {
  Journal journal;
  const auto late = [](const Scope&, Receive, Send) -> awaitable<void> {
    co_await wait(100ms);
    throw std::runtime_error("what is this scope");
  };
  CHECK(run_once(with_lifespan(late, journal), lifespan_options(Lifespan::automatic)) == "");
  CHECK(journal.text() == "request\n");
}

TEST_CASE("lifespan events that nothing asks for are errors in the application") {
  Journal journal;
  const auto confused = [&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await note_sent(journal, send, LifespanShutdownComplete());
    co_await note_sent(journal, send, asgi::HttpResponseStart(200));
    co_await note_sent(journal, send, LifespanStartupComplete());
    co_await note_sent(journal, send, LifespanStartupComplete());
    co_await note_received(journal, receive);
    co_await note_sent(journal, send, LifespanStartupComplete());
    co_await note_sent(journal, send, LifespanShutdownComplete());
  };
  CHECK(run_once(with_lifespan(confused, journal), lifespan_options(Lifespan::on)) == "");
  CHECK(journal.text() ==
        "lifespan.startup\nEventError\nEventError\nsent\nEventError\nrequest\n"
        "lifespan.shutdown\nEventError\nsent\n");
}
