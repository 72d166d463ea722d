#include "app/backend/sdp/addresses.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::sdp::tests {
namespace {

TEST(Addresses, KeysAreTheUrlsThemselves) {
    Addresses addresses("rtsp://a/live");
    EXPECT_EQ(addresses.aggregate_key(), "rtsp://a/live");
    EXPECT_EQ(addresses.add({"rtsp://a/live/1"}), "rtsp://a/live/1");
    EXPECT_EQ(addresses.setup_url("rtsp://a/live/1", 0), "rtsp://a/live/1");
    EXPECT_EQ(addresses.url("rtsp://a/live"), "rtsp://a/live");
}

TEST(Addresses, KeysHaveTheSchemeThatRtspsrcTakes) {
    Addresses addresses("rtsps://a/live");
    EXPECT_EQ(addresses.aggregate_key(), "rtsp://a/live");
    EXPECT_EQ(addresses.url("rtsp://a/live"), "rtsps://a/live");
    EXPECT_EQ(addresses.add({"RTSP://a/1"}), "rtsp://a/1");
    EXPECT_EQ(addresses.setup_url("rtsp://a/1", 0), "RTSP://a/1");
}

TEST(Addresses, TracksOfOneUrlHaveKeysOfTheirOwn) {
    Addresses addresses("rtsp://a/live");
    const std::string first = addresses.add({"rtsp://a/live"});
    const std::string second = addresses.add({"rtsp://a/live"});
    const std::string odd = addresses.add({second});
    EXPECT_NE(first, second);
    EXPECT_NE(second, odd);
    EXPECT_EQ(addresses.setup_url(first, 0), "rtsp://a/live");
    EXPECT_EQ(addresses.setup_url(second, 0), "rtsp://a/live");
    EXPECT_EQ(addresses.setup_url(odd, 0), second);
}

TEST(Addresses, FormsAreCountedByTheTrackThatHasMost) {
    Addresses addresses("rtsp://a/live");
    EXPECT_EQ(addresses.forms(), 0U);
    const std::string one = addresses.add({"rtsp://a/1"});
    const std::string two = addresses.add({"rtsp://a/live/2", "rtsp://a/2"});
    EXPECT_EQ(addresses.forms(), 2U);
    EXPECT_EQ(addresses.setup_url(one, 1), "rtsp://a/1");
    EXPECT_EQ(addresses.setup_url(two, 1), "rtsp://a/2");
}

TEST(Addresses, LeaveOtherRequestsAlone) {
    Addresses addresses("rtsp://a/live");
    addresses.add({"rtsp://a/1"});
    EXPECT_EQ(addresses.setup_url("rtsp://b", 0), "rtsp://b");
    EXPECT_EQ(addresses.url("rtsp://b"), "rtsp://b");
    EXPECT_EQ(Addresses().url(""), "");
    EXPECT_EQ(Addresses().setup_url("rtsp://b", 3), "rtsp://b");
}

TEST(FormChoice, TriesEachOnce) {
    FormChoice choice;
    EXPECT_EQ(choice.current(), 0U);
    EXPECT_TRUE(choice.refused(2));
    EXPECT_EQ(choice.current(), 1U);
    EXPECT_FALSE(choice.refused(2));
    EXPECT_EQ(choice.current(), 0U);
    EXPECT_TRUE(choice.refused(2)); // the next time
}

TEST(FormChoice, StaysWithWhatWasAccepted) {
    FormChoice choice;
    EXPECT_TRUE(choice.refused(2));
    choice.accepted();
    EXPECT_EQ(choice.current(), 1U);
    EXPECT_TRUE(choice.refused(2));
    EXPECT_EQ(choice.current(), 0U);
}

TEST(FormChoice, HasNothingToChooseFromOne) {
    FormChoice choice;
    EXPECT_FALSE(choice.refused(1));
    EXPECT_FALSE(choice.refused(0));
    EXPECT_EQ(choice.current(), 0U);
}

} // namespace
} // namespace rtspproxy::backend::sdp::tests
