#include "tests/unit/settings/invocations.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <sstream>

namespace rtspproxy::settings {
namespace {

using std::chrono::milliseconds;

// The first back end of a command line that must be accepted and have one.
BackendSettings backend_of(const Words& words,
                           const std::map<std::string, std::string>& variables = {}) {
    auto settings = settings_of(words, variables);
    if (settings.backends.empty()) {
        ADD_FAILURE() << joined(words) << "has no back end";
        return {};
    }
    return settings.backends.front();
}

TEST(CommandLine, OneUrlHasAllDefaults) {
    const auto settings = settings_of({"rtsp://host/path"});
    ASSERT_EQ(settings.backends.size(), 1U);
    BackendSettings expected;
    expected.url = "rtsp://host/path";
    expected.display_url = "rtsp://host/path";
    expected.mount = "proxyStream";
    EXPECT_EQ(settings.backends[0], expected);
    EXPECT_EQ(settings.defaults, BackendSettings());
    EXPECT_EQ(settings.verbosity, Verbosity::Quiet);
    EXPECT_EQ(settings.port, 554);
    EXPECT_EQ(settings.bind_address, "");
    EXPECT_EQ(settings.registration, RegistrationSettings());
    EXPECT_FALSE(settings.demo);
    EXPECT_FALSE(settings.print_launch);
}

TEST(CommandLine, MountsAreNumberedByPosition) {
    const auto settings = settings_of({"rtsp://a", "hall/1=rtsp://b/?x=1", "-v", "rtsp://c"});
    ASSERT_EQ(settings.backends.size(), 3U);
    EXPECT_EQ(settings.backends[0].mount, "proxyStream-1");
    EXPECT_EQ(settings.backends[1].mount, "hall/1");
    EXPECT_EQ(settings.backends[1].url, "rtsp://b/?x=1");
    EXPECT_EQ(settings.backends[1].display_url, "rtsp://b/?x=1");
    EXPECT_EQ(settings.backends[2].mount, "proxyStream-3");
    EXPECT_EQ(backend_of({"cam=rtsp://a"}).mount, "cam");
    EXPECT_EQ(settings_of({"--", "rtsp://a", "b=rtsp://b"}).backends.size(), 2U);
}

TEST(CommandLine, DemoNeedsNoUrlAndCountsAsTheLast) {
    const auto alone = settings_of({"--demo", "-t", "--idle-timeout", "1"});
    EXPECT_TRUE(alone.demo);
    EXPECT_TRUE(alone.backends.empty());
    EXPECT_EQ(alone.defaults.transport, Transport::Tcp);
    EXPECT_EQ(alone.defaults.idle_timeout, milliseconds(1000));
    EXPECT_EQ(backend_of({"--demo", "rtsp://a"}).mount, "proxyStream-1");
}

TEST(CommandLine, EverySwitchAndValueReachesTheSettings) {
    struct Case {
        Words words;
        std::function<bool(const Settings&)> holds;
    };
    const std::vector<Case> cases = {
        {{"-v"}, [](auto& s) { return s.verbosity == Verbosity::Verbose; }},
        {{"--verbose"}, [](auto& s) { return s.verbosity == Verbosity::Verbose; }},
        {{"-v", "-v"}, [](auto& s) { return s.verbosity == Verbosity::Verbose; }},
        {{"-V"}, [](auto& s) { return s.verbosity == Verbosity::VeryVerbose; }},
        {{"--very-verbose"}, [](auto& s) { return s.verbosity == Verbosity::VeryVerbose; }},
        {{"-Vv"}, [](auto& s) { return s.verbosity == Verbosity::VeryVerbose; }},
        {{"-p", "8554"}, [](auto& s) { return s.port == 8554; }},
        {{"-p8554"}, [](auto& s) { return s.port == 8554; }},
        {{"--port=65535"}, [](auto& s) { return s.port == 65535; }},
        {{"--port", "0"}, [](auto& s) { return s.port == 0; }},
        {{"--bind", "127.0.0.1"}, [](auto& s) { return s.bind_address == "127.0.0.1"; }},
        {{"--bind", "::1"}, [](auto& s) { return s.bind_address == "::1"; }},
        {{"--bind=[::1]"}, [](auto& s) { return s.bind_address == "::1"; }},
        {{"--print-launch"}, [](auto& s) { return s.print_launch; }},
        {{"--always-on"}, [](auto& s) { return s.backends.at(0).always_on; }},
        {{"--latency", "0"}, [](auto& s) { return s.backends.at(0).latency == milliseconds(0); }},
        {{"--latency=10000"},
         [](auto& s) { return s.backends.at(0).latency == milliseconds(10000); }},
        {{"--clock", "camera"}, [](auto& s) { return s.backends.at(0).clock == Clock::Camera; }},
        {{"--clock=proxy"}, [](auto& s) { return s.backends.at(0).clock == Clock::Proxy; }},
        {{"--connect-timeout", "0.1"},
         [](auto& s) { return s.backends.at(0).connect_timeout == milliseconds(100); }},
        {{"--connect-timeout", "3600"},
         [](auto& s) { return s.backends.at(0).connect_timeout == milliseconds(3'600'000); }},
        {{"--stall-timeout", "2.5"},
         [](auto& s) { return s.backends.at(0).stall_timeout == milliseconds(2500); }},
        {{"--idle-timeout", "0"},
         [](auto& s) { return s.backends.at(0).idle_timeout == milliseconds(0); }},
        {{"--idle-timeout", "86400"},
         [](auto& s) { return s.backends.at(0).idle_timeout == milliseconds(86'400'000); }},
    };
    for (auto [words, holds] : cases) {
        SCOPED_TRACE(joined(words));
        words.push_back("rtsp://host");
        EXPECT_TRUE(holds(settings_of(words)));
    }
}

TEST(CommandLine, TransportFromOptionsAndScheme) {
    struct Case {
        Words words;
        Transport transport;
        int http_port = 0;
    };
    const std::vector<Case> cases = {
        {{"rtsp://h"}, Transport::Automatic},
        {{"-t", "rtsp://h"}, Transport::Tcp},
        {{"--tcp", "rtsps://h"}, Transport::Tcp},
        {{"-T", "8000", "rtsp://h:554"}, Transport::HttpTunnel, 8000},
        {{"--http-tunnel", "8000", "rtsps://h"}, Transport::HttpTunnel, 8000},
        {{"--strict-transport", "rtsp://h"}, Transport::Udp},
        {{"--strict-transport", "-t", "rtsp://h"}, Transport::Tcp},
        {{"--strict-transport", "-T80", "rtsp://h"}, Transport::HttpTunnel, 80},
        // what the scheme says about one back end beats what an option says about all
        {{"rtspt://h"}, Transport::Tcp},
        {{"rtspu://h"}, Transport::Udp},
        {{"-t", "rtspu://h"}, Transport::Udp},
        {{"-T", "8000", "rtspt://h"}, Transport::Tcp},
        {{"rtsph://h"}, Transport::HttpTunnel, 80},
        {{"rtspsh://h"}, Transport::HttpTunnel, 443},
        {{"rtsph://h:81"}, Transport::HttpTunnel, 81},
        {{"-t", "rtsph://h"}, Transport::HttpTunnel, 80},
        {{"-T", "8000", "rtsph://h"}, Transport::HttpTunnel, 8000},
        {{"-T", "8000", "rtsph://h:81"}, Transport::HttpTunnel, 81},
    };
    for (const auto& [words, transport, http_port] : cases) {
        SCOPED_TRACE(joined(words));
        const auto backend = backend_of(words);
        EXPECT_EQ(backend.transport, transport);
        EXPECT_EQ(backend.http_port, http_port);
    }
}

TEST(CommandLine, LoginFromEveryForm) {
    const std::vector<std::pair<Words, Credentials>> cases = {
        {{"-u", "bob", "pw", "rtsp://h"}, {"bob", "pw"}},
        {{"rtsp://h", "-u", "bob", "pw"}, {"bob", "pw"}},
        {{"--user", "bob", "pw", "rtsp://h"}, {"bob", "pw"}},
        {{"--user=bob", "pw", "rtsp://h"}, {"bob", "pw"}},
        {{"-ubob", "pw", "rtsp://h"}, {"bob", "pw"}},
        {{"-tu", "bob", "pw", "rtsp://h"}, {"bob", "pw"}},
        {{"-u", "bob", "", "rtsp://h"}, {"bob", ""}},
        {{"-u", "bob", "-t", "rtsp://h"}, {"bob", "-t"}},
        {{"-u", "bob", "--", "rtsp://h"}, {"bob", "--"}},
        {{"-u", "bob", "--help", "rtsp://h"}, {"bob", "--help"}},
        {{"-u", "bob", "[a,b]", "rtsp://h"}, {"bob", "[a,b]"}},
        {{"-u", "-bob", "{}%%\"' ", "rtsp://h"}, {"-bob", "{}%%\"' "}},
        {{"-u", "bob", "pw", "rtsp://al:own@h"}, {"al", "own"}},
        {{"-u", "bob", "pw", "rtsp://bob@h"}, {"bob", "pw"}},
        {{"rtsp://al:p%40%3A@h"}, {"al", "p@:"}},
        {{"rtsp://al@h"}, {"al", ""}},
    };
    for (const auto& [words, expected] : cases) {
        SCOPED_TRACE(joined(words));
        const auto backend = backend_of(words);
        ASSERT_TRUE(backend.credentials);
        EXPECT_EQ(backend.credentials->user, expected.user);
        EXPECT_EQ(backend.credentials->password, expected.password);
        EXPECT_EQ(backend.transport == Transport::Tcp, std::string(words[0]) == "-tu");
    }
    EXPECT_EQ(backend_of({"rtsp://h"}).credentials, std::nullopt);
}

TEST(CommandLine, EnvironmentLogsInAsTheLastResort) {
    const std::map<std::string, std::string> variables = {{"GST_RTSP_PROXY_USER", "env"},
                                                          {"GST_RTSP_PROXY_PASSWORD", "envpw"}};
    EXPECT_EQ(backend_of({"rtsp://h"}, variables).credentials, (Credentials{"env", "envpw"}));
    EXPECT_EQ(backend_of({"rtsp://env@h"}, variables).credentials, (Credentials{"env", "envpw"}));
    EXPECT_EQ(backend_of({"rtsp://al:x@h"}, variables).credentials, (Credentials{"al", "x"}));
    EXPECT_EQ(backend_of({"-u", "bob", "pw", "rtsp://h"}, variables).credentials,
              (Credentials{"bob", "pw"}));
}

TEST(CommandLine, UrlsNeverHoldTheLoginAndDisplayMasksIt) {
    const auto settings =
        settings_of({"a=rtsp://al:secret@h/x", "b=rtsp://h/?pwd=secret", "-u", "bob", "secret"});
    EXPECT_EQ(settings.backends.at(0).url, "rtsp://h/x");
    EXPECT_EQ(settings.backends.at(0).display_url, "rtsp://al:***@h/x");
    EXPECT_EQ(settings.backends.at(1).url, "rtsp://h/?pwd=secret");
    EXPECT_EQ(settings.backends.at(1).display_url, "rtsp://h/?pwd=***");
    EXPECT_EQ(settings.defaults.credentials, (Credentials{"bob", "secret"}));
}

struct Wrong {
    Words words;
    const char* named; // what the message must name
};

const std::vector<Wrong> kWrong = {
    {{}, "--demo"},
    {{"-v"}, "no back end"},
    {{"--print-launch"}, "no back end"},
    {{"--"}, "no back end"},
    // values out of range or no numbers
    {{"-p", "65536", "rtsp://h"}, "-p,--port \"65536\": must be a port from 0 to 65535"},
    {{"-p", "-1", "rtsp://h"}, "--port \"-1\""},
    {{"-p", "80x", "rtsp://h"}, "--port \"80x\""},
    {{"-p", " 80", "rtsp://h"}, "--port \" 80\""},
    {{"-p", "", "rtsp://h"}, "--port \"\""},
    {{"-T", "0", "rtsp://h"}, "-T,--http-tunnel \"0\": must be a port from 1 to 65535"},
    {{"--latency", "10001", "rtsp://h"}, "--latency \"10001\""},
    {{"--latency", "-1", "rtsp://h"}, "0 to 10000"},
    {{"--latency", "1.5", "rtsp://h"}, "whole number"},
    {{"--latency", "99999999999999999999", "rtsp://h"}, "--latency"},
    {{"--clock", "Camera", "rtsp://h"}, "--clock \"Camera\": must be camera or proxy"},
    {{"--clock", "", "rtsp://h"}, "--clock \"\": must be"},
    {{"--clock"}, "--clock"},
    {{"--connect-timeout", "0", "rtsp://h"}, "0.1 to 3600"},
    {{"--connect-timeout", "3600.5", "rtsp://h"}, "--connect-timeout \"3600.5\""},
    {{"--stall-timeout", "0.05", "rtsp://h"}, "--stall-timeout \"0.05\""},
    {{"--stall-timeout", "nan", "rtsp://h"}, "--stall-timeout"},
    {{"--stall-timeout", "inf", "rtsp://h"}, "--stall-timeout"},
    {{"--idle-timeout", "-1", "rtsp://h"}, "0 to 86400"},
    {{"--idle-timeout", "5s", "rtsp://h"}, "--idle-timeout \"5s\""},
    {{"--bind", "localhost", "rtsp://h"}, "--bind \"localhost\""},
    {{"--bind", "", "rtsp://h"}, "--bind"},
    {{"--bind", "1.2.3.4:554", "rtsp://h"}, "--bind"},
    // too few, too many, contradicting
    {{"rtsp://h", "-p"}, "-p,--port: needs PORT"},
    {{"rtsp://h", "-u"}, "-u,--user: needs USER PASSWORD"},
    {{"rtsp://h", "-u", "bob"}, "-u,--user: needs USER PASSWORD"},
    {{"-u", "bob", "rtsp://u:secret@h"}, "take two values"},
    {{"-p", "1", "-p", "2", "rtsp://h"}, "-p,--port: given more than once"},
    {{"-u", "a", "b", "-u", "c", "d", "rtsp://h"}, "-u,--user: given more than once"},
    {{"-t", "-T", "80", "rtsp://h"}, "--http-tunnel"},
    {{"-u", "a", "secret", "--password-file", "/x", "rtsp://h"}, "--password-file"},
    {{"-u", "", "secret", "rtsp://h"}, "-u,--user: the user name is empty"},
    {{"-u", "bob:secret", "secret", "rtsp://h"}, "-u,--user"},
    {{"--password-file", "/nonexistent/login", "rtsp://h"}, "/nonexistent/login"},
    {{"--tcp=false", "rtsp://h"}, "-t,--tcp: takes no value"},
    {{"--demo", "-u", "bob", "rtsp://u:secret@h"}, "take two values"},
    // unknown
    {{"--bogus", "rtsp://h"}, "\"--bogus\""},
    {{"--bogus=secret", "rtsp://h"}, "\"--bogus\""},
    {{"-xsecret", "rtsp://h"}, "\"-x\""},
    {{"-tx", "rtsp://h"}, "\"-x\""},
    {{"--Port", "1", "rtsp://h"}, "\"--Port\""},
    // URLs and names
    {{"word"}, "\"word\""},
    {{"-v", "register", "host", "rtsp://h"}, "a command comes first"},
    {{"rtsp://h", "deregister"}, "\"deregister\": a command comes first"},
    {{"-u", "bob", "pw", "secret"}, "back end 1"},
    {{"-u", "bob", "pw", "rtsp://h", "secret"}, "back end 2"},
    {{"rtsp:/h"}, "not an RTSP URL"},
    {{"http://u:secret@h/"}, "\"http://u:***@h/\": the scheme"},
    {{"rtsp://u:secret@h:x/"}, "\"rtsp://u:***@h:x/\": the port"},
    {{"rtsp://u:secret/word@h/"}, "\"rtsp://u:***@h/\""},
    {{"rtsp://h", "rtsp://"}, "\"rtsp://\": the host"},
    {{"=rtsp://h"}, "\"\": a mount name"},
    {{"a b=rtsp://h"}, "\"a b\": a mount name"},
    {{"u:secret@h/?x=rtsp://h"}, "a mount name"},
    {{"a=b=rtsp://u:secret@h"}, "\"a=b=rtsp:***@h\""},
    {{"a=rtsp://b", "rtsp://c", "a=rtsp://u:secret@d"},
     "\"a\" is wanted by both \"a=rtsp://b\" and \"a=rtsp://u:***@d\""},
    {{"proxyStream-2=rtsp://a", "rtsp://b"},
     "\"proxyStream-2\" is wanted by both \"proxyStream-2=rtsp://a\" and \"rtsp://b\""},
    {{"--demo", "proxyStream-2=rtsp://a"}, "--demo"},
    {{"--demo", "proxyStream-2=rtsp://a", "rtsp://b", "proxyStream-3=rtsp://c"}, "proxyStream"},
};

TEST(CommandLine, WrongUsageIsOneLineThatNamesTheArgumentAndNoPassword) {
    for (const auto& [words, named] : kWrong) {
        SCOPED_TRACE(joined(words));
        const auto invocation = parse_words(words);
        const auto* wrong = std::get_if<WrongUsage>(&invocation);
        ASSERT_NE(wrong, nullptr);
        EXPECT_NE(wrong->message.find(named), std::string::npos) << wrong->message;
        EXPECT_EQ(wrong->message.find('\n'), std::string::npos) << wrong->message;
        EXPECT_EQ(wrong->message.find("secret"), std::string::npos) << wrong->message;
    }
    EXPECT_TRUE(std::holds_alternative<WrongUsage>(
        parse_words({"rtsp://h"}, {{"GST_RTSP_PROXY_PASSWORD", "secret"}})));
}

TEST(CommandLine, ControlCharactersDoNotReachTheMessage) {
    const auto invocation = parse_words({"rtsp://h/\x1b[2J\nx"});
    const auto* wrong = std::get_if<WrongUsage>(&invocation);
    ASSERT_NE(wrong, nullptr);
    EXPECT_EQ(wrong->message.find_first_of("\x1b\n"), std::string::npos) << wrong->message;
}

TEST(CommandLine, HelpListsEveryOptionInItsGroupWithin80Columns) {
    for (const auto& words : {Words{"--help"}, Words{"-h"}, Words{"-v", "--help", "-p", "bad"}}) {
        const auto invocation = parse_words(words);
        const auto* print = std::get_if<TextToPrint>(&invocation);
        ASSERT_NE(print, nullptr);
        std::size_t position = 0;
        for (const char* expected : {"Usage: gst-rtsp-proxy",
                                     "\nBack ends:\n",
                                     "\n  [NAME=]URL...\n",
                                     "\n  -t, --tcp\n",
                                     "\n  -T, --http-tunnel PORT\n",
                                     "\n  --strict-transport\n",
                                     "\n  -u, --user USER PASSWORD\n",
                                     "\n  --password-file FILE\n",
                                     "\n  --latency MS\n",
                                     "\n  --connect-timeout S\n",
                                     "\n  --stall-timeout S\n",
                                     "\n  --idle-timeout S\n",
                                     "\n  --always-on\n",
                                     "\n  --clock WHOSE\n",
                                     "\n  --demo\n",
                                     "\nFront end:\n",
                                     "\n  -p, --port PORT\n",
                                     "\n  --bind ADDRESS\n",
                                     "\nRegistration:\n",
                                     "\n  -R, --register\n",
                                     "\n  -U, --register-user USER PASSWORD\n",
                                     "\n  --register-grace S\n",
                                     "\n  --max-registered N\n",
                                     "\n  --max-pending N\n",
                                     "\n  --max-pending-per-address N\n",
                                     "\n  --register-timeout S\n",
                                     "\n  --max-request-bytes N\n",
                                     "\nOutput and diagnosis:\n",
                                     "\n  -v, --verbose\n",
                                     "\n  -V, --very-verbose\n",
                                     "\n  --print-launch\n",
                                     "\n  --version\n",
                                     "\n  -h, --help\n",
                                     "\nExamples:\n"}) {
            position = print->text.find(expected, position);
            ASSERT_NE(position, std::string::npos) << expected;
        }
        std::istringstream lines(print->text);
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(line.size(), 80U) << line;
        EXPECT_EQ(print->text.back(), '\n');
    }
}

TEST(CommandLine, VersionNamesTheProgram) {
    const auto invocation = parse_words({"--version"});
    const auto* print = std::get_if<TextToPrint>(&invocation);
    ASSERT_NE(print, nullptr);
    EXPECT_EQ(print->text.rfind("gst-rtsp-proxy ", 0), 0U) << print->text;
    EXPECT_NE(print->text.find("GStreamer"), std::string::npos);
    EXPECT_EQ(print->text.find('\n'), print->text.size() - 1);
}

} // namespace
} // namespace rtspproxy::settings
