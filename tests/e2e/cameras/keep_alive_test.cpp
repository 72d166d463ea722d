// What cameras hear of a session that goes on.
#include "tests/e2e/proxy.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/scripted_camera.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace rtspproxy::tests {
namespace {

using Connection = ScriptedCamera::Connection;
using Request = ScriptedCamera::Request;
using Handler = std::function<bool(Connection&, const Request&)>;

class SessionKept : public WatchedTest, public ::testing::WithParamInterface<const char*> {
  protected:
    // What the camera is asked while it plays, until it was asked so often. Its sessions last 3 s.
    std::vector<Request> hear(Handler on_request, std::size_t times) {
        ScriptedCamera::Script script;
        script.on_request = std::move(on_request);
        script.session = "abc ; timeout=3";
        ScriptedCamera camera(std::move(script));
        Proxy proxy({GetParam(), camera.url()});
        EXPECT_TRUE(proxy.wait_ready()) << proxy.report();
        RtspPlayer player(proxy.url());
        EXPECT_TRUE(player.play().has_value());
        const auto since_play = [&] {
            auto requests = camera.requests();
            const auto play = std::ranges::find(requests, "PLAY", &Request::method);
            requests.erase(requests.begin(), play == requests.end() ? play : play + 1);
            return requests;
        };
        EXPECT_TRUE(eventually([&] { return since_play().size() >= times; })) << proxy.report();
        const auto before = player.count();
        EXPECT_TRUE(player.wait_packets(before + 10)) << "the stream goes on";
        EXPECT_EQ(camera.count("PLAY"), 1U);
        return since_play();
    }
};

TEST_P(SessionKept, ByGetParameterWithoutABody) {
    for (const auto& request : hear(nullptr, 3)) {
        EXPECT_EQ(request.method, "GET_PARAMETER");
        EXPECT_EQ(request.header("session"), "abc");
        EXPECT_EQ(request.header("content-length"), "");
        EXPECT_EQ(request.body, "");
    }
}

TEST_P(SessionKept, ByOptionsWhereNothingElseIsOffered) {
    const auto heard = hear(
        [](Connection& connection, const Request& request) {
            if (request.method != "OPTIONS" || !request.header("session").empty())
                return false;
            connection.answer(request, 200, "OK", "Public: DESCRIBE, SETUP, TEARDOWN, PLAY\r\n");
            return true;
        },
        3);
    for (const auto& request : heard) {
        EXPECT_EQ(request.method, "OPTIONS");
        EXPECT_EQ(request.header("session"), "abc");
    }
}

// Some never answer them, and go by their arrival all the same.
TEST_P(SessionKept, WithoutWaitingForAnswers) {
    hear([](Connection&, const Request& request) { return request.method == "GET_PARAMETER"; }, 4);
}

TEST_P(SessionKept, ByOptionsOnceGetParameterIsRefused) {
    const auto heard = hear(
        [](Connection& connection, const Request& request) {
            if (request.method != "GET_PARAMETER")
                return false;
            connection.answer(request, 501, "Not Implemented");
            return true;
        },
        3);
    EXPECT_EQ(heard.at(0).method, "GET_PARAMETER");
    EXPECT_EQ(heard.at(1).method, "OPTIONS");
    EXPECT_EQ(heard.at(2).method, "OPTIONS");
}

INSTANTIATE_TEST_SUITE_P(, SessionKept, ::testing::Values("-t", "--strict-transport"),
                         [](const auto& test) {
                             return std::string(test.param) == "-t" ? "Tcp" : "Udp";
                         });

} // namespace
} // namespace rtspproxy::tests
