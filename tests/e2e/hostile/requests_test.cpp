// Requests without an end, and without a pause.
#include "tests/e2e/hostile/hostile_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <list>
#include <thread>

namespace rtspproxy::tests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class HostileRequests : public HostileTest {
  protected:
    [[nodiscard]] std::string start() const {
        return "OPTIONS " + proxy_->url() + " RTSP/1.0\r\nCSeq: 5\r\n";
    }
    // Sends the same again and again, from several connections, until each is closed.
    void flood(const std::string& first, const std::string& again) {
        constexpr int kConnections = 8;
        constexpr auto kSpan = 2s;
        std::list<std::thread> threads;
        for (int i = 0; i < kConnections; ++i)
            threads.emplace_back([&, end = Clock::now() + kSpan] {
                while (Clock::now() < end) {
                    const Fd socket = connect();
                    if (!send(socket, first))
                        continue;
                    while (Clock::now() < end && send(socket, again)) {
                    }
                }
            });
        expect_served();
        for (auto& thread : threads)
            thread.join();
    }
};

TEST_F(HostileRequests, AnEndlessHeadStopsNobody) {
    std::string lines;
    for (int i = 0; i < 2000; ++i)
        lines += "x-header-" + std::to_string(i) + ": value\r\n";
    flood(start(), lines);
    EXPECT_GT(front_end().at("too_long"), 0);
    expect_bystanders_unharmed();
}

TEST_F(HostileRequests, AnEndlessLineStopsNobody) {
    flood(start() + "x-endless: ", std::string(20'000, 'e'));
    EXPECT_GT(front_end().at("too_long"), 0);
    expect_bystanders_unharmed();
}

TEST_F(HostileRequests, AnEndlessBodyStopsNobody) {
    flood(start() + "Content-Length: 2000000000\r\n\r\n", std::string(20'000, 'b'));
    EXPECT_GT(front_end().at("too_long"), 0);
    expect_bystanders_unharmed();
}

TEST_F(HostileRequests, ALongHeadIsAnswered) {
    const Fd socket = connect();
    std::string head = start();
    while (head.size() < 70'000)
        head += "x-header: value\r\n";
    ASSERT_TRUE(send(socket, head));
    const auto answer = read_to_end(socket);
    EXPECT_THAT(answer.text, StartsWith("RTSP/1.0 413 "));
    EXPECT_TRUE(answer.closed);
}

TEST_F(HostileRequests, ALongBodyIsAnsweredWithItsCseq) {
    const Fd socket = connect();
    ASSERT_TRUE(send(socket, start() + "Content-Length: 65537\r\n\r\n" + std::string(65'537, 'b')));
    const auto answer = read_to_end(socket);
    EXPECT_THAT(answer.text, StartsWith("RTSP/1.0 413 "));
    EXPECT_THAT(answer.text, HasSubstr("CSeq: 5\r\n"));
    EXPECT_TRUE(answer.closed);
    EXPECT_THAT(proxy_->process().err(), HasSubstr("longer than any request may be"));
}

TEST_F(HostileRequests, WhatIsNoRtspIsAnswered) {
    const std::string tls("\x16\x03\x01\x00\x05hello\r\n\r\n", 14);
    for (const std::string& text : {std::string("hello\r\n"), start() + "no colon\r\n\r\n",
                                    start() + "Content-Length: 5 ducks\r\n\r\n", tls}) {
        SCOPED_TRACE(text);
        const Fd socket = connect();
        ASSERT_TRUE(send(socket, text));
        const auto answer = read_to_end(socket);
        EXPECT_THAT(answer.text, StartsWith("RTSP/1.0 400 "));
        EXPECT_TRUE(answer.closed);
    }
    expect_bystanders_unharmed();
}

TEST_F(HostileRequests, MayBeCutAnywhereAndEndTheirLinesAsTheyLike) {
    const std::string text = start() + "\r\n";
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        SCOPED_TRACE(cut);
        const Fd socket = connect();
        ASSERT_TRUE(send(socket, text.substr(0, cut)));
        std::this_thread::sleep_for(2ms);
        ASSERT_TRUE(send(socket, text.substr(cut)));
        EXPECT_THAT(read(socket), StartsWith("RTSP/1.0 200 "));
        if (cut == 20)
            cut = text.size() - 10; // the middle is like its neighbours
    }
    for (const char* end : {"\n", "\r"}) {
        const Fd socket = connect();
        ASSERT_TRUE(
            send(socket, "OPTIONS " + proxy_->url() + " RTSP/1.0" + end + "CSeq: 5" + end + end));
        EXPECT_THAT(read(socket), StartsWith("RTSP/1.0 200 "));
    }
}

// They read nothing either: their answers wait until that is too much.
TEST_F(HostileRequests, WithoutAPauseStarveNobody) {
    std::string many;
    for (int i = 0; i < 500; ++i)
        many += start() + "\r\n";
    flood("", many);
    expect_bystanders_unharmed();
}

} // namespace
} // namespace rtspproxy::tests
