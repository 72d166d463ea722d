#include "app/settings/announce_parser.hpp"

#include "tests/unit/settings/invocations.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

namespace rtspproxy::settings {
namespace {

using std::chrono::milliseconds;

constexpr auto kUrl = "rtsp://camera.example/live";

// The command of a command line that must be accepted.
AnnounceCommand command_of(const Words& words) {
    auto invocation = parse_words(words);
    if (const auto* wrong = std::get_if<WrongUsage>(&invocation))
        ADD_FAILURE() << joined(words) << "→ " << wrong->message;
    if (auto* command = std::get_if<AnnounceCommand>(&invocation))
        return std::move(*command);
    ADD_FAILURE() << joined(words) << "is no command";
    return {};
}

AnnounceCommand plain_register() {
    AnnounceCommand command;
    command.proxy = "centre.example:8554";
    command.url = command.display_url = kUrl;
    return command;
}

TEST(AnnounceParser, RegisterHasAllDefaults) {
    EXPECT_EQ(command_of({"register", "centre.example:8554", kUrl}), plain_register());
    EXPECT_EQ(AnnounceCommand().timeout, milliseconds(5000));
}

TEST(AnnounceParser, EveryOptionReachesTheCommand) {
    auto expected = plain_register();
    expected.tcp = true;
    expected.suffix = "door";
    expected.credentials = Credentials{"carol", "pw"};
    expected.timeout = milliseconds(500);
    EXPECT_EQ(command_of({"register", "--tcp", "--user", "carol", "pw", "--suffix", "door",
                          "--timeout", "0.5", "centre.example:8554", kUrl}),
              expected);
    EXPECT_EQ(command_of({"register", "centre.example:8554", kUrl, "-tu", "carol", "pw",
                          "--suffix=door", "--timeout=0.5"}),
              expected);
    EXPECT_EQ(command_of({"register", "-t", "-ucarol", "pw", "--suffix=door", "--timeout=0.5", "--",
                          "centre.example:8554", kUrl}),
              expected);
}

TEST(AnnounceParser, DeregisterTakesAUrlOrANameOrBoth) {
    auto expected = plain_register();
    expected.deregister = true;
    EXPECT_EQ(command_of({"deregister", "centre.example:8554", kUrl}), expected);
    expected.suffix = "door";
    EXPECT_EQ(command_of({"deregister", "--suffix", "door", "centre.example:8554", kUrl}),
              expected);
    expected.url = "rtsp://centre.example:8554/door";
    expected.display_url = "";
    EXPECT_EQ(command_of({"deregister", "centre.example:8554", "--suffix", "door"}), expected);
}

TEST(AnnounceParser, ProxyIsHostAndPort) {
    for (const char* proxy : {"centre", "centre:1", "10.0.0.1:65535", "[::1]", "[::1]:8554",
                              "[fe80::1%eth0]:8554", "register", "deregister:554"})
        EXPECT_EQ(command_of({"register", proxy, kUrl}).proxy, proxy);
}

TEST(AnnounceParser, UrlKeepsItsLoginAndDisplayMasksIt) {
    const auto command = command_of({"register", "centre", "rtsp://al:secret@h/x?pwd=secret"});
    EXPECT_EQ(command.url, "rtsp://al:secret@h/x?pwd=secret");
    EXPECT_EQ(command.display_url, "rtsp://al:***@h/x?pwd=***");
    EXPECT_EQ(command.credentials, std::nullopt);
}

TEST(AnnounceParser, LoginFromEveryForm) {
    const std::vector<std::pair<Words, Credentials>> cases = {
        {{"--user", "carol", ""}, {"carol", ""}},
        {{"--user", "-carol", "--help"}, {"-carol", "--help"}},
        {{"-u", "carol", "rtsp://x"}, {"carol", "rtsp://x"}},
    };
    for (auto [words, expected] : cases) {
        SCOPED_TRACE(joined(words));
        words.insert(words.begin(), "register");
        words.insert(words.end(), {"centre", kUrl});
        EXPECT_EQ(command_of(words).credentials, expected);
    }
    // Those of the environment are for back ends.
    const auto invocation =
        parse_words({"register", "centre", kUrl},
                    {{"GST_RTSP_PROXY_USER", "env"}, {"GST_RTSP_PROXY_PASSWORD", "envpw"}});
    ASSERT_TRUE(std::holds_alternative<AnnounceCommand>(invocation));
    EXPECT_EQ(std::get<AnnounceCommand>(invocation).credentials, std::nullopt);
}

TEST(AnnounceParser, LoginFromAFile) {
    const auto path = testing::TempDir() + "announce_parser_test.login";
    std::ofstream(path) << "carol:p:w\n";
    EXPECT_EQ(command_of({"register", "--password-file", path.c_str(), "centre", kUrl}).credentials,
              (Credentials{"carol", "p:w"}));
    std::remove(path.c_str());
}

struct Wrong {
    Words words;
    const char* named; // what the message must name
};

const std::vector<Wrong> kWrong = {
    {{"register"}, "PROXY_HOST[:PORT] is missing"},
    {{"register", "centre"}, "URL is missing"},
    {{"register", "rtsp://u:secret@h"}, "URL is missing"},
    {{"register", "--suffix", "door", "centre"}, "URL is missing"},
    {{"deregister"}, "PROXY_HOST[:PORT] is missing"},
    {{"deregister", "centre"}, "URL or --suffix is missing"},
    {{"register", "centre", "rtsp://a", "rtsp://u:secret@b"}, "too many arguments"},
    // an unquoted or forgotten password
    {{"register", "-u", "carol", "my", "secret", "centre", "rtsp://a"}, "too many arguments"},
    {{"register", "-u", "carol", "my", "centre", "secret"}, "not shown"},
    {{"register", "-u", "carol", "secret", "rtsp://a"}, "--user takes two values"},
    {{"register", "-u", "carol"}, "-u,--user: needs USER PASSWORD"},
    {{"register", "-u", "", "secret", "centre", "rtsp://a"}, "-u,--user: the user name is empty"},
    {{"register", "-u", "carol:secret", "x", "centre", "rtsp://a"}, "-u,--user: a user name"},
    {{"register", "-u", "a", "secret", "-u", "b", "secret", "centre", "rtsp://a"},
     "-u,--user: given more than once"},
    {{"register", "-u", "a", "secret", "--password-file", "/x", "centre", "rtsp://a"},
     "--password-file"},
    {{"register", "--password-file", "/nonexistent/login", "centre", "rtsp://a"},
     "/nonexistent/login"},
    // the proxy
    {{"register", "rtsp://a", "centre"}, "\"rtsp://a\": must be a host and a port"},
    {{"register", "carol:secret@centre", "rtsp://a"}, "\"carol:***@centre\": must be a host"},
    {{"register", "centre/path", "rtsp://a"}, "must be a host and a port"},
    {{"register", "", "rtsp://a"}, "\"\": the host"},
    {{"register", ":554", "rtsp://a"}, "the host is missing"},
    {{"register", "centre:0", "rtsp://a"}, "a number from 1 to 65535"},
    {{"register", "centre:65536", "rtsp://a"}, "a number from 1 to 65535"},
    {{"register", "centre:x", "rtsp://a"}, "a number from 1 to 65535"},
    {{"register", "a b", "rtsp://a"}, "PROXY_HOST[:PORT] \"a b\""},
    {{"register", "[::1", "rtsp://a"}, "PROXY_HOST[:PORT]"},
    // the stream
    {{"register", "centre", "word"}, "\"word\": the URL does not begin with rtsp://"},
    {{"register", "centre", "http://u:secret@h/"}, "\"http://u:***@h/\": the URL does not begin"},
    {{"register", "centre", "door=rtsp://h/"}, "the URL does not begin"},
    {{"register", "centre", "rtsp://h/a b"}, "percent-encoded"},
    {{"register", "centre", "rtsp://u:secret@:x/"}, "host"},
    {{"deregister", "--suffix", "door", "centre", "word"}, "\"word\""},
    {{"register", "--suffix", "", "centre", "rtsp://a"}, "--suffix \"\": must be 1 to 64"},
    {{"register", "--suffix", "..", "centre", "rtsp://a"}, "--suffix \"..\""},
    {{"register", "--suffix", "a/b", "centre", "rtsp://a"}, "--suffix \"a/b\""},
    {{"register", "--suffix", "a\r\nX", "centre", "rtsp://a"}, "--suffix \"a??X\""},
    // options
    {{"register", "--timeout", "0", "centre", "rtsp://a"}, "0.1 to 3600"},
    {{"register", "--timeout", "5s", "centre", "rtsp://a"}, "--timeout \"5s\""},
    {{"register", "--bogus=secret", "centre", "rtsp://a"}, "unknown option \"--bogus\""},
    {{"register", "-p", "80", "centre", "rtsp://a"}, "unknown option \"-p\""},
    {{"deregister", "--tcp", "centre", "rtsp://a"}, "unknown option \"--tcp\""},
};

TEST(AnnounceParser, WrongUsageIsOneLineThatNamesTheArgumentAndNoPassword) {
    for (const auto& [words, named] : kWrong) {
        SCOPED_TRACE(joined(words));
        const auto invocation = parse_words(words);
        const auto* wrong = std::get_if<WrongUsage>(&invocation);
        ASSERT_NE(wrong, nullptr);
        EXPECT_NE(wrong->message.find(named), std::string::npos) << wrong->message;
        EXPECT_EQ(wrong->message.find_first_of("\r\n"), std::string::npos) << wrong->message;
        EXPECT_EQ(wrong->message.find("secret"), std::string::npos) << wrong->message;
    }
}

TEST(AnnounceParser, OnlyTheFirstWordIsACommand) {
    EXPECT_TRUE(is_announce_command("register"));
    EXPECT_TRUE(is_announce_command("deregister"));
    for (const char* word : {"", "Register", "--register", "rtsp://register", "register=rtsp://h"})
        EXPECT_FALSE(is_announce_command(word)) << word;
    EXPECT_EQ(settings_of({"register=rtsp://h"}).backends.at(0).mount, "register");
    EXPECT_EQ(settings_of({"-u", "bob", "register", "rtsp://h"}).backends.size(), 1U);
}

TEST(AnnounceParser, HelpListsEveryOptionWithin80Columns) {
    const std::vector<std::pair<const char*, std::vector<const char*>>> cases = {
        {"register",
         {"Usage: gst-rtsp-proxy register [OPTION...] PROXY_HOST[:PORT] URL\n",
          "\n  PROXY_HOST[:PORT]\n", "\n  URL\n", "\n  -t, --tcp\n", "\n  --suffix NAME\n",
          "\n  -u, --user USER PASSWORD\n", "\n  --password-file FILE\n", "\n  --timeout S\n",
          "\n  -h, --help\n", "Exit status:"}},
        {"deregister",
         {"Usage: gst-rtsp-proxy deregister", "\n  PROXY_HOST[:PORT]\n", "\n  [URL]\n",
          "\n  --suffix NAME\n", "\n  --timeout S\n", "Exit status:"}},
    };
    for (const auto& [command, expected] : cases) {
        const auto invocation = parse_words({command, "--help"});
        const auto* print = std::get_if<TextToPrint>(&invocation);
        ASSERT_NE(print, nullptr);
        std::size_t position = 0;
        for (const char* text : expected) {
            position = print->text.find(text, position);
            ASSERT_NE(position, std::string::npos) << text << " in\n" << print->text;
        }
        std::istringstream lines(print->text);
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(line.size(), 80U) << line;
    }
}

} // namespace
} // namespace rtspproxy::settings
