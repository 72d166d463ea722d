// Too many, too slow, too silent.
#include "tests/element/registration/door_fixture.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <list>
#include <vector>

namespace rtspproxy::tests {
namespace {

constexpr const char* kUrl = "rtsp://camera.example/stream";

// How many descriptors this process may have, until the end of the test, however that comes.
class DescriptorLimit {
  public:
    explicit DescriptorLimit(rlim_t limit) {
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit changed = before_;
        changed.rlim_cur = limit;
        EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &changed), 0);
    }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;
    ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

// Every descriptor that is left, including those that have been closed in between others.
std::vector<Fd> take_all_descriptors() {
    std::vector<Fd> taken;
    for (Fd one(dup(0)); one; one = Fd(dup(0)))
        taken.push_back(std::move(one));
    return taken;
}

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
    rlimit allowed{};
    getrlimit(RLIMIT_NOFILE, &allowed);
    constexpr rlim_t kNeeded = 12'000;
    if (allowed.rlim_max < kNeeded)
        GTEST_SKIP() << "this machine allows only " << allowed.rlim_max << " descriptors";
    const DescriptorLimit limit(std::max(allowed.rlim_cur, kNeeded));
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
}

class DescriptorsTest : public LimitsTest {
  protected:
    // Everything that the element does below, once while there are descriptors: UBSan needs a pipe
    // to look at an object of a class that it does not know yet.
    void warm_up() {
        Peer silent(bound_port());
        silent.finish_sending();
        ASSERT_TRUE(silent.ends()); // only now has the element given its descriptor back
        Peer camera(bound_port());
        camera.send(register_request(kUrl, ""));
        ASSERT_EQ(camera.status(), 200U);
        camera.finish_sending();
        ASSERT_TRUE(camera.ends());
    }
};

TEST_F(DescriptorsTest, WithoutAnyItWaitsWithoutSpinning) {
    ASSERT_TRUE(open());
    warm_up();
    Peer camera; // before there are none left: this process is the element's, too
    const DescriptorLimit limit(static_cast<rlim_t>(camera.socket().get()) + 4);
    std::vector<Fd> taken = take_all_descriptors();
    const auto before = Clock::now();
    camera.connect(bound_port());
    camera.send(register_request(kUrl, ""));
    EXPECT_TRUE(eventually([this] { return counted("dropped-error") >= 3; }));
    const std::uint64_t tries = counted("dropped-error");
    EXPECT_LE(tries, 2 + static_cast<std::uint64_t>((Clock::now() - before) / 100ms));
    taken.pop_back();
    EXPECT_EQ(camera.status(), 200U);
}

TEST_F(DescriptorsTest, WithFewItMakesRoomAndGoesOn) {
    set("decide-timeout", "60000"); // so that it is not time that helps
    ASSERT_TRUE(open());
    warm_up();
    constexpr std::size_t kSilent = 8;
    constexpr std::size_t kForElement = 3;
    std::vector<Peer> silent(kSilent);
    Peer camera;
    const DescriptorLimit limit(static_cast<rlim_t>(camera.socket().get()) + 1 + kForElement);
    std::vector<Fd> taken = take_all_descriptors();
    ASSERT_GE(taken.size(), kForElement);
    taken.resize(taken.size() - kForElement);
    for (Peer& peer : silent)
        peer.connect(bound_port());
    camera.connect(bound_port());
    camera.send(register_request(kUrl, ""));
    EXPECT_EQ(camera.status(), 200U);
    // It found room, and no more than needed was made. (Which of them go is tested above.)
    constexpr std::size_t kGone = kSilent + 1 - kForElement;
    EXPECT_TRUE(eventually([this] { return counted("dropped-crowded-total") >= kGone; }));
    EXPECT_EQ(counted("dropped-crowded-total"), kGone);
    EXPECT_EQ(counted("pending"), kForElement);
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
