#include "plugins/fanout/segmentation.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <ostream>
#include <random>

namespace rtspproxy::fanout {

void PrintTo(const Run& run, std::ostream* out) {
    *out << "at " << run.offset << ": " << run.length << " bytes, packets from " << run.first
         << ": " << run.packets << " of " << run.segment;
}

namespace tests {
namespace {

using Sizes = std::vector<std::size_t>;
using OneRun = Run; // Test has a member of that name
using Runs = std::vector<OneRun>;

constexpr std::size_t kMax = 1472;

Runs split(const Sizes& sizes, std::size_t max_segment = kMax) {
    Runs runs{{1, 2, 3, 4, 5}}; // left from before
    split_runs(sizes, max_segment, runs);
    return runs;
}

TEST(Segmentation, NothingIsNoRun) {
    EXPECT_EQ(split({}), Runs{});
}

TEST(Segmentation, OnePacketIsARun) {
    EXPECT_EQ(split({700}), (Runs{{0, 700, 0, 1, 700}}));
    EXPECT_FALSE(split({700})[0].segmented());
}

TEST(Segmentation, EqualPacketsAreOneRun) {
    EXPECT_EQ(split({1400, 1400, 1400}), (Runs{{0, 4200, 0, 3, 1400}}));
    EXPECT_TRUE(split({1400, 1400, 1400})[0].segmented());
}

TEST(Segmentation, TheLastOneMayBeShorter) {
    EXPECT_EQ(split({1400, 1400, 9}), (Runs{{0, 2809, 0, 3, 1400}}));
    EXPECT_EQ(split({1400, 9, 1400}), (Runs{{0, 1409, 0, 2, 1400}, {1409, 1400, 2, 1, 1400}}));
    EXPECT_EQ(split({1400, 9, 9, 9}), (Runs{{0, 1409, 0, 2, 1400}, {1409, 18, 2, 2, 9}}));
}

TEST(Segmentation, ALongerOneBeginsARun) {
    EXPECT_EQ(split({30, 31, 1400, 1400}),
              (Runs{{0, 30, 0, 1, 30}, {30, 31, 1, 1, 31}, {61, 2800, 2, 2, 1400}}));
}

TEST(Segmentation, ARunHoldsNoMoreThanTheKernelTakes) {
    const Runs many = split(Sizes(130, 100));
    ASSERT_EQ(many.size(), 3U);
    EXPECT_EQ(many[0].packets, 64U);
    EXPECT_EQ(many[1].packets, 64U);
    EXPECT_EQ(many[2], (OneRun{12800, 200, 128, 2, 100}));

    const Runs large = split(Sizes(60, 1400)); // 46 × 1400 = 64400
    ASSERT_EQ(large.size(), 2U);
    EXPECT_EQ(large[0].packets, 46U);
    EXPECT_EQ(large[1].packets, 14U);
}

TEST(Segmentation, PacketsThatFragmentAreAlone) {
    EXPECT_EQ(split({1473, 1473, 1472, 1472}),
              (Runs{{0, 1473, 0, 1, 1473}, {1473, 1473, 1, 1, 1473}, {2946, 2944, 2, 2, 1472}}));
    // Nor does a small one ride on them.
    EXPECT_EQ(split({1473, 10}), (Runs{{0, 1473, 0, 1, 1473}, {1473, 10, 1, 1, 10}}));
}

TEST(Segmentation, WithoutItEachPacketIsAlone) {
    EXPECT_EQ(split({9, 9, 9}, 0), (Runs{{0, 9, 0, 1, 9}, {9, 9, 1, 1, 9}, {18, 9, 2, 1, 9}}));
}

TEST(Segmentation, EmptyPacketsAreLeftOut) {
    EXPECT_EQ(split({0, 9, 0, 9, 0}), (Runs{{0, 9, 1, 1, 9}, {9, 9, 3, 1, 9}}));
}

// Whatever the sizes: every byte once, in order, and every run as the kernel wants it.
TEST(Segmentation, AnySizes) {
    std::mt19937 random(1);
    for (int round = 0; round < 500; ++round) {
        Sizes sizes(std::uniform_int_distribution<std::size_t>(0, 200)(random));
        for (auto& size : sizes)
            size = std::uniform_int_distribution(0, 3)(random) != 0
                       ? 1400
                       : std::uniform_int_distribution<std::size_t>(1, 1600)(random);
        std::size_t offset = 0;
        std::size_t next = 0;
        for (const OneRun& run : split(sizes)) {
            ASSERT_EQ(run.offset, offset);
            ASSERT_EQ(run.first, next);
            ASSERT_LE(run.packets, kMaxSegments);
            ASSERT_EQ(std::accumulate(&sizes[next], &sizes[next] + run.packets, std::size_t{0}),
                      run.length);
            ASSERT_TRUE(run.packets == 1 || (run.segment <= kMax && run.length <= kMaxMessageSize));
            for (std::size_t i = 0; i < run.packets; ++i) {
                const std::size_t size = sizes[next + i];
                ASSERT_TRUE(i + 1 == run.packets ? size <= run.segment : size == run.segment);
            }
            offset += run.length;
            next += run.packets;
        }
        ASSERT_EQ(next, sizes.size());
    }
}

} // namespace
} // namespace tests
} // namespace rtspproxy::fanout
