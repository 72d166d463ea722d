#include "app/backend/track_watch.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::tests {
namespace {

using News = TrackWatch::News;

constexpr Time kSilence{5000};

class TrackWatchTest : public ::testing::Test {
  protected:
    // Looks each second, from `now_` on; the track sends or not, another one always does. Counts
    // what is told.
    void run(unsigned seconds, bool sends, bool other_sends = true) {
        for (unsigned i = 0; i < seconds; ++i) {
            now_ += Time(1000);
            if (sends)
                last_ = now_;
            if (sends || other_sends)
                newest_ = now_;
            const auto news = watch_.look(now_, last_, newest_, kSilence);
            silent_ += news == News::Silent ? 1U : 0U;
            back_ += news == News::Back ? 1U : 0U;
        }
    }

    TrackWatch watch_;
    Time now_{100'000};
    std::optional<Time> last_;
    Time newest_{0};
    unsigned silent_ = 0, back_ = 0;
};

TEST_F(TrackWatchTest, TellsOfATrackThatFallsSilent) {
    run(20, true);
    run(4, false);
    EXPECT_EQ(silent_, 0U);
    run(100, false);
    EXPECT_EQ(silent_, 1U);
    EXPECT_TRUE(watch_.silent());
    run(1, true);
    EXPECT_EQ(back_, 1U);
    EXPECT_FALSE(watch_.silent());
    EXPECT_EQ(watch_.silences(), 1U);
}

TEST_F(TrackWatchTest, CountsEachTimeAndTellsOnce) {
    for (int i = 0; i < 3; ++i) {
        run(20, true);
        run(20, false);
    }
    EXPECT_EQ(silent_, 1U);
    EXPECT_EQ(watch_.silences(), 3U);
    watch_.begin(); // another connection
    run(20, true);
    run(20, false);
    EXPECT_EQ(silent_, 2U);
}

TEST_F(TrackWatchTest, ATrackThatNeverSendsIsNoFault) {
    run(100, false);
    EXPECT_EQ(silent_, 0U);
    EXPECT_EQ(watch_.silences(), 0U);
}

TEST_F(TrackWatchTest, NorIsOneThatSendsNowAndThen) {
    for (int i = 0; i < 20; ++i) {
        run(2, true);
        run(30, false);
    }
    EXPECT_EQ(watch_.silences(), 0U);
}

TEST_F(TrackWatchTest, NorIsTheSilenceOfAll) {
    run(20, true);
    run(100, false, false);
    EXPECT_EQ(silent_, 0U);
}

TEST_F(TrackWatchTest, AnotherConnectionHasToShowThatItSends) {
    run(20, true);
    watch_.begin();
    run(100, false);
    EXPECT_EQ(silent_, 0U);
}

} // namespace
} // namespace rtspproxy::backend::tests
