// Too many, too slow, too silent.
#include "tests/element/registration/door_fixture.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <list>

namespace rtspproxy::tests {
namespace {

constexpr const char* kUrl = "rtsp://camera.example/stream";

class LimitsTest : public DoorTest {
  protected:
    LimitsTest() {
        handle_registrations();
        handle_connections();
    }
    // A player's first request; whether it was handed on.
    bool player_gets_through() {
        const auto before = calls().size();
        Peer player(bound_port());
        player.send("DESCRIBE rtsp://proxy/x RTSP/1.0\r\nCSeq: 1\r\n\r\n");
        return wait_calls(before + 1) && calls().back().signal == "connection";
    }
};

TEST_F(LimitsTest, DropsWhoDoesNotSayInTimeWhatItIs) {
    set("decide-timeout", "100");
    ASSERT_TRUE(open());
    Peer silent(bound_port());
    Peer undecided(bound_port());
    undecided.send("REGISTER rtsp://camera/x");
    EXPECT_TRUE(silent.ends());
    EXPECT_TRUE(undecided.ends());
    EXPECT_TRUE(eventually([this] { return counted("dropped-timeout") == 2; }));
    EXPECT_EQ(counted("pending"), 0U);
}

TEST_F(LimitsTest, GivesNewTimeAfterEachRequestButNotForever) {
    set("decide-timeout", "1000");
    ASSERT_TRUE(open());
    Peer peer(bound_port());
    for (int i = 0; i < 3; ++i) {
        std::this_thread::sleep_for(400ms);
        peer.send(register_request(kUrl, ""));
        ASSERT_EQ(peer.status(), 200U);
    }
    EXPECT_TRUE(peer.ends());
    EXPECT_EQ(counted("dropped-timeout"), 0U); // it had its answers: nothing was refused
}

TEST_F(LimitsTest, ANewcomerMakesTheOldestSilentOneGo) {
    set("max-pending", "3");
    ASSERT_TRUE(open());
    Peer speaking(bound_port());
    speaking.send("REGISTER ");
    EXPECT_TRUE(eventually([this] { return counted("pending") == 1; }));
    Peer first(bound_port());
    Peer second(bound_port());
    Peer third(bound_port());
    EXPECT_TRUE(first.ends());
    Peer fourth(bound_port());
    EXPECT_TRUE(second.ends());
    EXPECT_EQ(counted("dropped-crowded-total"), 2U);
    // Those that stayed are served.
    speaking.send(register_request(kUrl, "").substr(9));
    EXPECT_EQ(speaking.status(), 200U);
    third.send(register_request(kUrl, ""));
    EXPECT_EQ(third.status(), 200U);
}

TEST_F(LimitsTest, AnAddressCrowdsOutOnlyItself) {
    set("max-pending-per-address", "2");
    ASSERT_TRUE(open());
    Peer other(bound_port(), "127.0.0.1", "127.0.0.2");
    Peer first(bound_port());
    Peer second(bound_port());
    Peer third(bound_port());
    EXPECT_TRUE(first.ends());
    EXPECT_EQ(counted("dropped-crowded-address"), 1U);
    EXPECT_TRUE(eventually([this] { return counted("pending") == 3; }));
    other.send(register_request(kUrl, ""));
    EXPECT_EQ(other.status(), 200U);
}

TEST_F(LimitsTest, WhoHasSpokenIsServedBeforeItIsDropped) {
    // Far more than may wait, and each has spoken before the next one comes: none may be lost.
    set("max-pending-per-address", "2");
    ASSERT_TRUE(open());
    constexpr int kPeers = 50;
    std::list<Peer> peers;
    for (int i = 0; i < kPeers; ++i)
        peers.emplace_back(bound_port()).send(register_request(kUrl, ""));
    int served = 0;
    for (Peer& peer : peers)
        served += peer.status() == 200 ? 1 : 0;
    EXPECT_EQ(served, kPeers);
}

TEST_F(LimitsTest, TenThousandSilentConnectionsStopNobody) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    const rlimit before = limit;
    constexpr rlim_t kNeeded = 12'000;
    if (limit.rlim_max < kNeeded)
        GTEST_SKIP() << "this machine allows only " << limit.rlim_max << " descriptors";
    limit.rlim_cur = std::max(limit.rlim_cur, kNeeded);
    setrlimit(RLIMIT_NOFILE, &limit);
    ASSERT_TRUE(open());
    std::list<Peer> flood;
    for (int i = 0; i < 10'000; ++i) {
        // From 250 addresses, so that the total is what is reached.
        flood.emplace_back(bound_port(), "127.0.0.1", "127.0.1." + std::to_string(1 + i % 250));
        if (i % 1000 != 999)
            continue;
        ASSERT_EQ(ask(register_request(kUrl, "")), 200U) << i;
        ASSERT_TRUE(player_gets_through()) << i;
        ASSERT_LE(counted("pending"), 512U);
    }
    EXPECT_GT(counted("dropped-crowded-total"), 8000U);
    EXPECT_EQ(counted("registered"), 10U);
    EXPECT_TRUE(eventually([this] { return counted("passed") == 10; }));
    close();
    flood.clear();
    setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(LimitsTest, OutOfDescriptorsItMakesRoomAndGoesOn) {
    set("decide-timeout", "60000"); // so that it is not time that helps
    ASSERT_TRUE(open());
    // Once before: UBSan needs a pipe to look at an object of a class that it does not know yet.
    ASSERT_EQ(ask(register_request(kUrl, "")), 200U);
    constexpr int kSilent = 8;
    constexpr int kForElement = 3;
    std::vector<Fd> reserved; // descriptors, for the limit to be set just above them
    for (int i = 0; i < kSilent + 1 + kForElement; ++i)
        reserved.emplace_back(dup(0));
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit limit = before;
    limit.rlim_cur = static_cast<rlim_t>(reserved.back().get()) + 1;
    setrlimit(RLIMIT_NOFILE, &limit);
    std::list<Peer> silent;
    for (int i = 0; i < kSilent; ++i) {
        reserved.pop_back();
        silent.emplace_back(bound_port());
    }
    reserved.pop_back();
    Peer camera(bound_port());
    EXPECT_TRUE(eventually([this] { return counted("dropped-error") > 0; }));
    reserved.clear();
    camera.send(register_request(kUrl, ""));
    const unsigned status = camera.status();
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(status, 200U);
    EXPECT_GT(counted("dropped-crowded-total"), 0U);
}

TEST_F(LimitsTest, DoesNotSpinOnAHalfRequest) {
    ASSERT_TRUE(open());
    Peer peer(bound_port());
    peer.send("REGISTER rtsp://camera/x RTSP/1.0\r\n");
    ASSERT_TRUE(eventually([this] { return counted("pending") == 1; }));
    const auto cpu_time = [] {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    const auto before = cpu_time();
    std::this_thread::sleep_for(500ms);
    EXPECT_LT(cpu_time() - before, 250ms); // a spinning thread would take all of it
    peer.send("CSeq: 1\r\n\r\n");
    EXPECT_EQ(peer.status(), 200U);
}

} // namespace
} // namespace rtspproxy::tests
