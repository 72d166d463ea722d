// Which port the proxy listens on. Other programs of the machine may hold 554 and 8554, and who is
// not root may not have 554: each test finds out first and expects exactly what follows.
#include "tests/e2e/proxy.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace rtspproxy::tests {
namespace {

constexpr const char* kAddress = "127.0.0.1";
constexpr const char* kBackEnd = "rtsp://127.0.0.1:1/live";

bool can_listen(std::uint16_t port) {
    return listen_tcp(kAddress, port, 1).has_value();
}

// The first of them that can be had; 0: none.
std::uint16_t first_free(std::initializer_list<std::uint16_t> ports) {
    for (const auto port : ports)
        if (can_listen(port))
            return port;
    return 0;
}

class Port : public WatchedTest {
  protected:
    // Starts the proxy and checks where it listens; 0: that it does not start, and says why.
    static void expect_port(std::uint16_t expected, const std::vector<std::string>& arguments,
                            const std::vector<std::string>& said) {
        std::vector<std::string> all{proxy_binary(), "--bind", kAddress};
        all.insert(all.end(), arguments.begin(), arguments.end());
        all.emplace_back(kBackEnd);
        Process process(all);
        if (expected == 0) {
            EXPECT_EQ(process.wait_exit(), 1) << process.report();
            EXPECT_EQ(process.out(), "");
        } else {
            ASSERT_TRUE(process.wait_out("Play ")) << process.report();
            EXPECT_EQ(process.out(), "Play \"" + std::string(kBackEnd) + "\" at: rtsp://" +
                                         kAddress + ":" + std::to_string(expected) +
                                         "/proxyStream\n");
            EXPECT_TRUE(connect_tcp(kAddress, expected, 5s).has_value());
            process.send_signal(SIGTERM);
            EXPECT_EQ(process.wait_exit(), 0) << process.report();
        }
        for (const auto& text : said)
            EXPECT_NE(process.err().find(text), std::string::npos) << text << process.report();
    }
};

TEST_F(Port, Is554ByDefaultOr8554) {
    const auto expected = first_free({554, 8554});
    std::vector<std::string> said;
    if (expected != 554)
        said = {"554", "8554"};
    expect_port(expected, {}, said);
}

TEST_F(Port, FallsBackTo554IfTaken) {
    const auto wanted = free_port();
    const auto holder = listen_tcp(kAddress, wanted, 1);
    ASSERT_TRUE(holder) << holder.error().message;
    const auto expected = first_free({554, 8554});
    expect_port(expected, {"-p", std::to_string(wanted)},
                {std::to_string(wanted), expected == 0 ? "8554" : std::to_string(expected)});
}

TEST_F(Port, FallsBackTo8554IfBothAreTaken) {
    const auto wanted = free_port();
    const auto holder = listen_tcp(kAddress, wanted, 1);
    ASSERT_TRUE(holder) << holder.error().message;
    const auto holder_554 = listen_tcp(kAddress, 554, 1); // if not permitted, neither to the proxy
    const auto expected = first_free({8554});
    expect_port(expected, {"-p", std::to_string(wanted)}, {std::to_string(wanted), "8554"});
}

TEST_F(Port, IsAnErrorIfAllAreTaken) {
    const auto wanted = free_port();
    const auto holder = listen_tcp(kAddress, wanted, 1);
    ASSERT_TRUE(holder) << holder.error().message;
    const auto holder_554 = listen_tcp(kAddress, 554, 1);
    const auto holder_8554 = listen_tcp(kAddress, 8554, 1);
    expect_port(0, {"--port", std::to_string(wanted)}, {std::to_string(wanted), "554", "8554"});
}

// The port is known by the line on stdout alone.
TEST_F(Port, IsAnyFreeOneIfZero) {
    Process process({proxy_binary(), "--bind", kAddress, "-p", "0", kBackEnd});
    ASSERT_TRUE(process.wait_out("\n")) << process.report();
    const auto lines = play_lines(process.out());
    ASSERT_EQ(lines.size(), 1U) << process.report();
    const auto url = parse_rtsp_url(lines[0].url);
    ASSERT_TRUE(url) << lines[0].url;
    EXPECT_GE(url->port, 1024) << lines[0].url;
    EXPECT_TRUE(connect_tcp(kAddress, url->port, 5s).has_value()) << lines[0].url;
}

struct BindCase {
    const char* name;
    const char* address; // empty: no --bind
    const char* reached;
    const char* not_reached; // empty: none
};

class Bind : public WatchedTest, public ::testing::WithParamInterface<BindCase> {};

TEST_P(Bind, IsWhereClientsReachIt) {
    const auto port = free_port();
    std::vector<std::string> arguments{proxy_binary(), "-p", std::to_string(port), kBackEnd};
    if (*GetParam().address != '\0')
        arguments.insert(arguments.end(), {"--bind", GetParam().address});
    Process process(arguments);
    ASSERT_TRUE(process.wait_out("Play ")) << process.report();
    EXPECT_TRUE(connect_tcp(GetParam().reached, port, 5s).has_value());
    if (*GetParam().not_reached != '\0') {
        EXPECT_FALSE(connect_tcp(GetParam().not_reached, port, 5s).has_value());
    }
    process.send_signal(SIGTERM);
    EXPECT_EQ(process.wait_exit(), 0) << process.report();
}

INSTANTIATE_TEST_SUITE_P(, Bind,
                         ::testing::Values(BindCase{"Ipv4", "127.0.0.1", "127.0.0.1", "::1"},
                                           BindCase{"Ipv6", "::1", "::1", "127.0.0.1"},
                                           BindCase{"AllByIpv4", "", "127.0.0.1", ""},
                                           BindCase{"AllByIpv6", "", "::1", ""}),
                         [](const auto& test) { return std::string(test.param.name); });

} // namespace
} // namespace rtspproxy::tests
