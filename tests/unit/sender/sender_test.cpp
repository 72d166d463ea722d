#include "app/sender/sender.hpp"

#include "tests/support/socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstdlib>
#include <thread>
#include <vector>

namespace rtspproxy::sender {
namespace {

using settings::AnnounceCommand;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::Fd;

constexpr auto kOk = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n";
constexpr auto kChallenge = "RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n"
                            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n\r\n";
constexpr auto kRefusal = "RTSP/1.0 405 Method Not Allowed\r\nCSeq: 1\r\n\r\n";

std::string address_of(const Fd& listening) {
    return "127.0.0.1:" + std::to_string(tests::local_port(listening));
}

// A proxy that answers the requests of one connection with the texts it was given, and keeps what
// it got.
class ScriptedProxy {
  public:
    explicit ScriptedProxy(std::vector<std::string> answers)
        : answers_(std::move(answers)), listening_(tests::listen_tcp("127.0.0.1", 0, 1).value()),
          address_(address_of(listening_)) {
        set_patience(listening_); // holds for accept(), too
        thread_ = std::jthread([this] { serve(); });
    }

    [[nodiscard]] const std::string& address() const { return address_; }
    // All requests, once the connection is done.
    const std::vector<std::string>& requests() {
        thread_.join();
        return requests_;
    }

  private:
    static void set_patience(const Fd& socket) {
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }

    void serve() {
        const Fd accepted(accept(listening_.get(), nullptr, nullptr));
        if (!accepted)
            return;
        set_patience(accepted);
        for (const auto& answer : answers_) {
            requests_.push_back(receive(accepted));
            send(accepted.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }

    static std::string receive(const Fd& socket) {
        std::string text;
        std::array<char, 1024> part{};
        while (!text.ends_with("\r\n\r\n")) {
            const auto got = recv(socket.get(), part.data(), part.size(), 0);
            if (got <= 0)
                break;
            text.append(part.data(), static_cast<std::size_t>(got));
        }
        return text;
    }

    std::vector<std::string> answers_;
    Fd listening_;
    std::string address_;
    std::vector<std::string> requests_;
    std::jthread thread_;
};

AnnounceCommand command_for(const std::string& proxy) {
    AnnounceCommand command;
    command.proxy = proxy;
    command.url = "rtsp://al:hidden@camera/live";
    command.display_url = "rtsp://al:***@camera/live";
    command.credentials = settings::Credentials{"carol", "secret"};
    command.timeout = std::chrono::seconds(10);
    return command;
}

TEST(Sender, RegistersAndSaysWhat) {
    ScriptedProxy proxy({kOk});
    const auto said = announce(command_for(proxy.address()));
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(*said, "Registered \"rtsp://al:***@camera/live\" with " + proxy.address());
    EXPECT_EQ(proxy.requests(), std::vector<std::string>{
                                    "REGISTER rtsp://al:hidden@camera/live RTSP/1.0\r\nCSeq: 1\r\n"
                                    "Transport: preferred_delivery_protocol=udp\r\n\r\n"});
}

TEST(Sender, LogsInAndAsksForATransportAndAName) {
    ScriptedProxy proxy({kChallenge, kOk});
    auto command = command_for(proxy.address());
    command.tcp = true;
    command.suffix = "door";
    const auto said = announce(command);
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(*said, "Registered \"rtsp://al:***@camera/live\" with " + proxy.address() +
                         " as rtsp://" + proxy.address() + "/door");
    const auto& requests = proxy.requests();
    ASSERT_EQ(requests.size(), 2U);
    for (const auto& request : requests) {
        EXPECT_THAT(request, StartsWith("REGISTER rtsp://al:hidden@camera/live RTSP/1.0\r\n"));
        EXPECT_THAT(request, HasSubstr("\r\nTransport: preferred_delivery_protocol=interleaved; "
                                       "proxy_url_suffix=door\r\n"));
        EXPECT_THAT(request, Not(HasSubstr("secret")));
    }
    EXPECT_THAT(requests[0], Not(HasSubstr("Authorization")));
    EXPECT_THAT(requests[1], HasSubstr("\r\nAuthorization: Digest username=\"carol\""));
}

TEST(Sender, DeregistersByNameOrUrl) {
    ScriptedProxy by_url({kOk});
    auto command = command_for(by_url.address());
    command.deregister = true;
    auto said = announce(command);
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(*said, "Deregistered \"rtsp://al:***@camera/live\" from " + by_url.address());
    EXPECT_THAT(by_url.requests(),
                testing::ElementsAre(StartsWith("DEREGISTER rtsp://al:hidden@camera/live ")));

    ScriptedProxy by_name({kOk});
    command.proxy = by_name.address();
    command.suffix = "door";
    said = announce(command);
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(*said, "Deregistered \"door\" from " + by_name.address());
    EXPECT_THAT(by_name.requests(),
                testing::ElementsAre(HasSubstr("\r\nTransport: proxy_url_suffix=door\r\n")));
}

// What a program that ran `command` has printed, and its exit code.
struct Printed {
    int exit_code;
    std::string out;
    std::string err;
};

Printed print(const AnnounceCommand& command) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int exit_code = run(command);
    return {exit_code, testing::internal::GetCapturedStdout(),
            testing::internal::GetCapturedStderr()};
}

TEST(Sender, SuccessIsALineOnStdout) {
    ScriptedProxy proxy({kOk});
    const auto printed = print(command_for(proxy.address()));
    EXPECT_EQ(printed.exit_code, EXIT_SUCCESS);
    EXPECT_EQ(printed.out,
              "Registered \"rtsp://al:***@camera/live\" with " + proxy.address() + "\n");
    EXPECT_EQ(printed.err, "");
}

TEST(Sender, FailureIsALineOnStderrWithoutPasswords) {
    ScriptedProxy refusing({kRefusal});
    ScriptedProxy doubting({kChallenge, kChallenge, kChallenge});
    const auto nobody = address_of(tests::listen_tcp("127.0.0.1", 0, 1).value()); // closed again
    struct Case {
        std::string proxy;
        const char* named;
    };
    for (const auto& [proxy, named] : {Case{refusing.address(), "405 Method Not Allowed"},
                                       Case{doubting.address(), "401 Unauthorized"},
                                       Case{nobody, "cannot reach the proxy at"}}) {
        const auto printed = print(command_for(proxy));
        EXPECT_EQ(printed.exit_code, EXIT_FAILURE);
        EXPECT_EQ(printed.out, "");
        EXPECT_THAT(printed.err, StartsWith("gst-rtsp-proxy: "));
        EXPECT_THAT(printed.err, HasSubstr(named));
        EXPECT_EQ(printed.err.find('\n'), printed.err.size() - 1) << printed.err;
        EXPECT_THAT(printed.err, Not(HasSubstr("secret")));
        EXPECT_THAT(printed.err, Not(HasSubstr("hidden")));
    }
}

} // namespace
} // namespace rtspproxy::sender
