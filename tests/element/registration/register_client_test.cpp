// The sender, against the element and against servers that misbehave.
#include "plugins/registration/register_client.hpp"

#include "tests/element/registration/door_fixture.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

namespace rtspproxy::tests {
namespace {

using registration::announce;
using registration::AnnounceOptions;

constexpr const char* kUrl = "rtsp://edge.example:8554/stream";

class RegisterClientTest : public DoorTest {
  protected:
    RegisterClientTest() {
        handle_registrations();
        set("reuse-delay", "0");
        EXPECT_TRUE(open());
    }
    std::string proxy() const { return "127.0.0.1:" + std::to_string(bound_port()); }
    // The error of an announcement that must fail.
    std::string error_of(const AnnounceOptions& options) const {
        const auto announced = announce(proxy(), kUrl, options);
        return announced ? "" : announced.error().message;
    }
};

TEST_F(RegisterClientTest, RegistersAndDeregisters) {
    auto announced = announce(proxy(), kUrl, {.tcp = true, .suffix = "edge"});
    ASSERT_TRUE(announced) << announced.error().message;
    EXPECT_FALSE(announced->connection);
    announced = announce(proxy(), kUrl, {.deregister = true, .suffix = "edge"});
    ASSERT_TRUE(announced) << announced.error().message;
    announced = announce(proxy(), kUrl, {.deregister = true});
    ASSERT_TRUE(announced) << announced.error().message;
    const auto calls = this->calls();
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(calls[0].signal, "register");
    EXPECT_EQ(calls[0].url, kUrl);
    EXPECT_EQ(calls[0].suffix, "edge");
    EXPECT_TRUE(calls[0].interleaved);
    EXPECT_EQ(calls[1].signal, "deregister");
    EXPECT_EQ(calls[1].suffix, "edge");
    EXPECT_EQ(calls[2].suffix, std::nullopt);
}

TEST_F(RegisterClientTest, LogsIn) {
    set("user", "carol");
    set("password", "secret");
    set("max-login-failures", "0");
    EXPECT_NE(error_of({}).find("asks for a user"), std::string::npos);
    AnnounceOptions options;
    options.account = {"carol", "guess"};
    const std::string wrong = error_of(options);
    EXPECT_NE(wrong.find("401"), std::string::npos) << wrong;
    EXPECT_EQ(wrong.find("guess"), std::string::npos) << wrong;
    options.account = {"carol", "secret"};
    EXPECT_EQ(error_of(options), "");
    options.deregister = true;
    EXPECT_EQ(error_of(options), "");
}

TEST_F(RegisterClientTest, OffersItsConnection) {
    auto announced = announce(proxy(), kUrl, {.reuse_connection = true});
    ASSERT_TRUE(announced) << announced.error().message;
    ASSERT_TRUE(announced->connection);
    ASSERT_TRUE(wait_calls(2));
    EXPECT_EQ(calls()[1].signal, "reuse");
    ASSERT_EQ(g_socket_send(calls()[1].socket.get(), "x", 1, nullptr, nullptr), 1);
    g_socket_set_blocking(announced->connection.get(), TRUE);
    char byte = 0;
    EXPECT_EQ(g_socket_receive(announced->connection.get(), &byte, 1, nullptr, nullptr), 1);
    EXPECT_EQ(byte, 'x');
}

TEST_F(RegisterClientTest, SaysWhyItWasRefused) {
    status_ = 451;
    EXPECT_NE(error_of({}).find("451 Parameter Not Understood"), std::string::npos);
    set("enabled", "false");
    EXPECT_NE(error_of({}).find("does not accept registrations"), std::string::npos);
}

TEST_F(RegisterClientTest, RefusesToSendNonsense) {
    EXPECT_NE(error_of({.suffix = "a/b"}), "");
    EXPECT_FALSE(announce(proxy(), "http://camera/x", {}));
    EXPECT_FALSE(announce(proxy(), "rtsp://camera/x\r\nInjected: 1", {}));
    AnnounceOptions injecting;
    injecting.account = {"carol\r\nInjected: 1", ""};
    EXPECT_NE(error_of(injecting), "");
    EXPECT_TRUE(calls().empty());
}

TEST_F(RegisterClientTest, SaysThatNobodyIsThere) {
    const std::string nobody = proxy();
    close();
    const auto announced = announce(nobody, kUrl, {});
    ASSERT_FALSE(announced);
    EXPECT_TRUE(announced.error().message.starts_with("cannot reach the proxy at " + nobody));
    EXPECT_FALSE(announce("no such host", kUrl, {}));
}

// A server that answers every connection with the same bytes and then closes or keeps silent.
std::string answer_of(std::string_view bytes, bool close_then, std::chrono::milliseconds timeout) {
    const auto listening = listen_tcp("127.0.0.1", 0, 1);
    if (!listening)
        return "cannot listen";
    std::string text;
    {
        const std::jthread sender([&] {
            const auto announced =
                announce("127.0.0.1:" + std::to_string(local_port(*listening)), kUrl,
                         {.account = registration::Account{"carol", "secret"}, .timeout = timeout});
            text = announced ? "" : announced.error().message;
        });
        const Fd accepted(accept(listening->get(), nullptr, nullptr));
        std::array<char, 1024> request;
        EXPECT_GT(recv(accepted.get(), request.data(), request.size(), 0), 0);
        EXPECT_EQ(send(accepted.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
        if (close_then)
            shutdown(accepted.get(), SHUT_RDWR);
        // Silence lasts until the sender has given up: the socket closes behind it.
        while (!close_then && recv(accepted.get(), request.data(), request.size(), 0) > 0)
            continue;
    }
    return text;
}

TEST_F(RegisterClientTest, SurvivesServersThatMisbehave) {
    constexpr auto kShort = 200ms;
    const auto contains = [](const std::string& text, const char* part) {
        return text.find(part) != std::string::npos;
    };
    EXPECT_TRUE(contains(answer_of("", true, 10s), "closed the connection"));
    EXPECT_TRUE(contains(answer_of("RTSP/1.0 200 OK\r\n", true, 10s), "closed the connection"));
    EXPECT_TRUE(contains(answer_of("HTTP/1.1 200 OK\r\n\r\n", true, 10s), "not RTSP"));
    EXPECT_TRUE(contains(answer_of(std::string(10000, 'x'), true, 10s), "does not end"));
    EXPECT_TRUE(contains(answer_of("RTSP/1.0 20", false, kShort), "no answer in time"));
    EXPECT_TRUE(contains(answer_of("RTSP/1.0 401 No\r\n\r\n", true, 10s), "how to log in"));
    EXPECT_TRUE(contains(
        answer_of("RTSP/1.0 401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\n\r\n", true, 10s),
        "a login that is not understood (Digest"));
    EXPECT_EQ(answer_of("RTSP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", true, 10s), "");
}

} // namespace
} // namespace rtspproxy::tests
