#include "plugins/rtp/access_unit.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rtspproxy::rtp::tests {
namespace {

constexpr std::uint64_t kTimeout = 5'000'000;
constexpr std::uint64_t kNever = 1'000'000'000'000;

// Carries the decisions out, as the relay does.
class Groups {
  public:
    explicit Groups(bool trust_marker, std::uint64_t timeout = kTimeout)
        : grouper_(trust_marker, timeout) {}

    void add(std::uint32_t timestamp, bool marker, std::uint64_t now = 0) {
        const auto decision = grouper_.add(timestamp, marker, now);
        if (decision.flush_before)
            close();
        ++pending_;
        if (decision.flush_after)
            close();
    }
    void add_unit(std::uint32_t timestamp, int packets, bool marker = true) {
        for (int i = 1; i <= packets; ++i)
            add(timestamp, marker && i == packets);
    }
    // The sizes of the groups since the last call.
    std::vector<int> take() { return std::exchange(sizes_, {}); }
    [[nodiscard]] int pending() const { return pending_; }
    void reset() {
        pending_ = 0;
        grouper_.reset();
    }
    AccessUnitGrouper& grouper() { return grouper_; }

  private:
    void close() { sizes_.push_back(std::exchange(pending_, 0)); }
    AccessUnitGrouper grouper_;
    std::vector<int> sizes_;
    int pending_ = 0;
};

using Sizes = std::vector<int>;

TEST(AccessUnitGrouper, EndsAGroupWithItsMarker) {
    Groups groups(true);
    groups.add_unit(0, 3);
    groups.add_unit(3600, 1);
    groups.add_unit(7200, 5);
    EXPECT_EQ(groups.take(), (Sizes{3, 1, 5}));
    EXPECT_EQ(groups.pending(), 0);
}

TEST(AccessUnitGrouper, HoldsAPacketUntilTheMarkerComes) {
    Groups groups(true);
    groups.add(0, false);
    groups.add(0, false);
    EXPECT_EQ(groups.take(), Sizes{});
    EXPECT_EQ(groups.pending(), 2);
}

TEST(AccessUnitGrouper, ALostMarkerEndsTheGroupWithTheNextTimestamp) {
    Groups groups(true);
    for (std::uint32_t unit = 0; unit < 3; ++unit)
        groups.add_unit(unit * 3600, 4);
    groups.take();
    groups.add_unit(10800, 3, false);
    EXPECT_EQ(groups.take(), Sizes{});
    groups.add_unit(14400, 4);
    // …and trust is not lost: the next one waits for its marker as before.
    EXPECT_EQ(groups.take(), (Sizes{3, 4}));
    groups.add_unit(18000, 4);
    EXPECT_EQ(groups.take(), Sizes{4});
}

TEST(AccessUnitGrouper, AMarkerOnEveryOtherUnitStaysTrusted) {
    Groups groups(true);
    for (std::uint32_t unit = 0; unit < 4; ++unit)
        groups.add_unit(unit * 3600, 2);
    groups.take();
    for (std::uint32_t unit = 4; unit < 40; unit += 2) {
        groups.add_unit(unit * 3600, 2, false);
        groups.add_unit((unit + 1) * 3600, 2);
        EXPECT_EQ(groups.take(), (Sizes{2, 2})) << unit;
    }
}

TEST(AccessUnitGrouper, FindsOutThatAFormatsMarkersDoNotCome) {
    Groups groups(true);
    for (std::uint32_t unit = 0; unit < 3; ++unit)
        groups.add_unit(unit * 3600, 3);
    groups.take();
    // Six at most: what was trusted longest.
    for (std::uint32_t unit = 3; unit < 10; ++unit)
        groups.add_unit(unit * 3600, 2, false);
    groups.take();
    groups.add_unit(36000, 3, false);
    EXPECT_EQ(groups.take(), (Sizes{1, 1, 1}));
}

TEST(AccessUnitGrouper, MarkerlessAudioPassesPacketByPacket) {
    Groups groups(false);
    for (std::uint32_t packet = 0; packet < 500; ++packet) {
        groups.add(packet * 160, packet == 0); // one talk spurt
        ASSERT_EQ(groups.take(), Sizes{1}) << packet;
    }
}

TEST(AccessUnitGrouper, AMarkerOnEveryPacketPassesPacketByPacket) {
    Groups groups(false);
    for (std::uint32_t packet = 0; packet < 50; ++packet) {
        groups.add(packet * 1024, true);
        ASSERT_EQ(groups.take(), Sizes{1}) << packet;
    }
}

TEST(AccessUnitGrouper, LearnsThatAnUnknownFormatKeepsToMarkers) {
    Groups groups(false);
    for (std::uint32_t unit = 0; unit < 3; ++unit) {
        groups.add_unit(unit * 3600, 3);
        EXPECT_EQ(groups.take(), (Sizes{1, 1, 1})) << unit;
    }
    // The third one has proved itself when the fourth begins.
    for (std::uint32_t unit = 3; unit < 10; ++unit) {
        groups.add_unit(unit * 3600, 3);
        EXPECT_EQ(groups.take(), Sizes{3}) << unit;
    }
}

TEST(AccessUnitGrouper, ThreeMarkersOfOneAccessUnitProveNothing) {
    Groups groups(false);
    for (int packet = 0; packet < 20; ++packet)
        groups.add(0, true);
    groups.take();
    groups.add(3600, false);
    EXPECT_EQ(groups.take(), Sizes{1});
}

TEST(AccessUnitGrouper, ForgetsWhatItLearntWhenMarkersStop) {
    Groups groups(false);
    for (std::uint32_t unit = 0; unit < 100; ++unit) // long trusted, and yet not for long
        groups.add_unit(unit * 3600, 2);
    for (std::uint32_t unit = 100; unit < 105; ++unit)
        groups.add_unit(unit * 3600, 2, false);
    groups.take();
    groups.add(378000, false);
    EXPECT_EQ(groups.take(), Sizes{1});
}

TEST(AccessUnitGrouper, SlicesAFrameThatIsPacedOverItsInterval) {
    Groups groups(true);
    // 20 packets, one every 2 ms, group timeout 5 ms: a slice is pushed with the first packet that
    // comes 5 ms after the slice's first.
    for (std::uint64_t packet = 0; packet < 20; ++packet)
        groups.add(0, packet == 19, packet * 2'000'000);
    EXPECT_EQ(groups.take(), (Sizes{4, 4, 4, 4, 4}));
}

TEST(AccessUnitGrouper, TheTimeoutCountsFromTheGroupsFirstPacket) {
    Groups groups(true);
    groups.add(0, false, 1000);
    groups.add(0, false, 1000 + kTimeout - 1);
    EXPECT_EQ(groups.take(), Sizes{});
    groups.add(0, false, 1000 + kTimeout);
    EXPECT_EQ(groups.take(), Sizes{3});
    groups.add(0, false, 1000 + kTimeout + 1); // a new group, a new time
    EXPECT_EQ(groups.pending(), 1);
}

TEST(AccessUnitGrouper, TheWaitForANewTimestampEndsTheOldGroupAlone) {
    Groups groups(true, kNever);
    for (std::uint32_t unit = 0; unit < 3; ++unit)
        groups.add_unit(unit * 3600, 2);
    groups.take();
    groups.add(10800, false, 0);
    groups.add(14400, false, kNever + 1); // late, but the first of its own group
    EXPECT_EQ(groups.take(), Sizes{1});
    EXPECT_EQ(groups.pending(), 1);
}

TEST(AccessUnitGrouper, TimeoutZeroPassesPacketByPacket) {
    Groups groups(true, 0);
    groups.add_unit(0, 4);
    EXPECT_EQ(groups.take(), (Sizes{1, 1, 1, 1}));
}

TEST(AccessUnitGrouper, TheTimeoutMayBeChanged) {
    Groups groups(true, kNever);
    groups.add(0, false, 0);
    groups.add(0, false, kTimeout);
    EXPECT_EQ(groups.pending(), 2);
    groups.grouper().set_group_timeout(kTimeout);
    groups.add(0, false, kTimeout + 1);
    EXPECT_EQ(groups.take(), Sizes{3});
}

TEST(AccessUnitGrouper, AResetBeginsANewGroup) {
    Groups groups(true);
    groups.add(0, false, 0);
    groups.add(0, false, 0);
    groups.reset();
    groups.add(0, false, 100 * kTimeout); // the rest of the same frame, long after
    EXPECT_EQ(groups.pending(), 1);       // not timed out by the group that is gone
    groups.add(0, true, 100 * kTimeout);
    EXPECT_EQ(groups.take(), Sizes{2});
}

TEST(AccessUnitGrouper, AResetBeforeAnotherTimestampLeavesNothingToFlush) {
    AccessUnitGrouper grouper(true, kTimeout);
    static_cast<void>(grouper.add(0, false, 0));
    grouper.reset();
    EXPECT_FALSE(grouper.add(3600, false, 0).flush_before);
}

TEST(AccessUnitGrouper, TimestampsMayWrapAndGoBack) {
    Groups groups(true);
    groups.add_unit(0xfffffff0U, 2);
    groups.add_unit(0x00000e00U, 2);
    groups.add_unit(0xfffffff0U, 2); // a B-frame
    EXPECT_EQ(groups.take(), (Sizes{2, 2, 2}));
}

// Whatever comes: nothing is flushed that is not pending, no group mixes two timestamps, and no
// packet waits for more than one packet that comes after the timeout.
TEST(AccessUnitGrouper, HoldsItsPromisesOnRandomInput) {
    std::mt19937 random(1);
    for (const bool trust : {true, false}) {
        AccessUnitGrouper grouper(trust, kTimeout);
        int pending = 0;
        std::uint32_t timestamp = 0;
        std::uint32_t group_timestamp = 0;
        std::uint64_t now = 0;
        std::uint64_t group_start = 0;
        for (int i = 0; i < 20000; ++i) {
            timestamp += random() % 3 == 0 ? 3600U : 0U;
            now += random() % 2'000'000;
            const bool marker = random() % 3 == 0;
            const auto decision = grouper.add(timestamp, marker, now);
            if (decision.flush_before) {
                ASSERT_GT(pending, 0);
                pending = 0;
            }
            if (pending == 0) {
                group_timestamp = timestamp;
                group_start = now;
            }
            ++pending;
            ASSERT_EQ(group_timestamp, timestamp);
            if (marker || now - group_start >= kTimeout) {
                ASSERT_TRUE(decision.flush_after);
            }
            if (decision.flush_after)
                pending = 0;
        }
    }
}

} // namespace
} // namespace rtspproxy::rtp::tests
