// Texts are UTF-8, whatever pieces they come in.
#include "talk.hpp"

namespace {

using namespace std::string_view_literals;

constexpr Opcode text = Opcode::text;

struct Sample {
  const char* name;
  std::string_view octets;
};

constexpr Sample good_samples[] = {
    {"one octet", "\0 \x7f"sv},
    {"two octets", "\xc2\x80 \xdf\xbf"},
    {"three octets", "\xe0\xa0\x80 \xef\xbf\xbd \xef\xbf\xbf"},
    {"three octets around the surrogates", "\xed\x9f\xbf \xee\x80\x80"},
    {"four octets", "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"},
    {"words", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"},
};

constexpr Sample bad_samples[] = {
    {"a continuation octet alone", "\x80"},
    {"the last continuation octet alone", "\xbf"},
    {"a slash in two octets", "\xc0\xaf"},
    {"two octets for what needs one", "\xc1\xbf"},
    {"three octets for what needs two", "\xe0\x9f\xbf"},
    {"four octets for what needs three", "\xf0\x8f\xbf\xbf"},
    {"a surrogate", "\xed\xa0\x80"},
    {"the last surrogate", "\xed\xbf\xbf"},
    {"a character beyond U+10FFFF", "\xf4\x90\x80\x80"},
    {"an octet that begins what is beyond", "\xf5\x80\x80\x80"},
    {"an octet that began five octets once", "\xf8\x88\x80\x80\x80"},
    {"an octet that began six octets once", "\xfc\x84\x80\x80\x80\x80"},
    {"an octet that begins a byte order mark", "\xfe\xff"},
    {"an octet that begins nothing", "\xff"},
    {"a surrogate behind good words", "\xce\xba\xe1\xbd\xb9\xcf\x83\xed\xa0\x80"},
};

constexpr Sample cut_samples[] = {
    {"two octets", "\xc2"},
    {"three octets", "a \xe1\xbd"},
    {"four octets", "\xf0\x90\x80"},
};

// Whole, and with each octet in a fragment of its own.
std::string whole_and_split(const std::string& octets) {
  return frame(text, octets) + fragments(text, in_pieces(octets, 1));
}

std::vector<Talk> good() {
  std::vector<Talk> talks_with;
  for (const Sample& sample : good_samples) {
    const std::string octets(sample.octets);
    talks_with.push_back(talks(std::string("takes characters of ") + sample.name,
                               whole_and_split(octets), {{text, octets}, {text, octets}}));
  }
  return talks_with;
}

std::vector<Talk> bad() {
  std::vector<Talk> all;
  for (const Sample& sample : bad_samples) {
    all.push_back(
        fails(std::string("refuses a text with ") + sample.name, frame(text, sample.octets), 1007));
  }
  return all;
}

std::vector<Talk> cut() {
  std::vector<Talk> all;
  for (const Sample& sample : cut_samples) {
    all.push_back(fails(std::string("refuses a text that ends in a character of ") + sample.name,
                        frame(text, sample.octets), 1007));
  }
  all.push_back(fails("refuses a character that the last fragment leaves open",
                      fragments(text, {"\xe1\xbd", ""}), 1007));
  all.push_back(fails("refuses a character that the next fragment breaks off",
                      fragments(text, {"\xe1\xbd", " "}), 1007));
  return all;
}

std::vector<Talk> bad_in_fragments() {
  std::vector<Talk> all;
  for (const Sample& sample : bad_samples) {
    all.push_back(fails(std::string("refuses in fragments ") + sample.name,
                        fragments(text, in_pieces(sample.octets, 1)), 1007));
  }
  return all;
}

// The frame says that 1000 octets more will come, and they never do.
std::string unfinished(const std::string& octets) {
  const std::string whole = frame(text, octets + std::string(1000, 'x'));
  return whole.substr(0, whole.size() - 1000);
}

const int registered = register_talks(
    __FILE__, __LINE__,
    {
        {5, "RFC 6455 section 5.6",
         "a text is UTF-8 as a whole: a character may be split between two fragments",
         "WebSocket::append() in web_socket.cpp", good()},
        {5, "RFC 6455 section 8.1", "a text that is not UTF-8 fails the connection, with 1007",
         "WebSocket::append() in web_socket.cpp", bad()},
        {5, "RFC 6455 section 8.1", "a text ends with a whole character",
         "WebSocket::finish_message() in web_socket.cpp", cut()},
        {5, "RFC 6455 section 8.1",
         "a text that is not UTF-8 fails the connection, whatever pieces it comes in",
         "WebSocket::append() in web_socket.cpp", bad_in_fragments()},
        {5,
         "RFC 6455 section 8.1",
         "what cannot become UTF-8 any more is refused at once: the end of the message may be far",
         "WebSocket::append() in web_socket.cpp",
         {
             fails("refuses a bad text before its message ends",
                   frame(text, "good ", {.fin = false}) +
                       frame(Opcode::continuation, "\xed\xa0\x80", {.fin = false}),
                   1007),
             fails("refuses a bad text before its frame ends", unfinished("good \xf4\x90\x80\x80"),
                   1007),
             fails("refuses a bad octet at the beginning of a frame", unfinished("\xff"), 1007),
             fails("refuses a bad text in the middle of a long frame",
                   unfinished(std::string(70000, 'x') + '\xff'), 1007),
         }},
        {5,
         "RFC 6455 section 5.6",
         "binary is any octets",
         "WebSocket::append() in web_socket.cpp",
         {
             echoes("does not look for UTF-8 in binary", Opcode::binary,
                    "\xff\xc0\xaf\xed\xa0\x80"),
         }},
    });

}  // namespace
