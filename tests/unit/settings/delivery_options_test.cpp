#include "tests/unit/settings/invocations.hpp"

#include <gmock/gmock.h>

namespace rtspproxy::settings {
namespace {

using namespace std::chrono_literals;

TEST(DeliveryOptions, HaveDefaults) {
    const auto settings = settings_of({"rtsp://a"});
    EXPECT_EQ(settings.delivery, DeliverySettings());
    EXPECT_TRUE(settings.backends[0].fast_start);
    EXPECT_TRUE(settings.delivery.io_uring);
}

TEST(DeliveryOptions, NoFastStartHoldsForAllBackEndsAndThoseThatJoinLater) {
    const auto settings = settings_of({"-R", "--no-fast-start", "rtsp://a", "door=rtsp://b"});
    EXPECT_FALSE(settings.defaults.fast_start);
    EXPECT_FALSE(settings.backends[0].fast_start);
    EXPECT_FALSE(settings.backends[1].fast_start);
}

TEST(DeliveryOptions, AreTakenOver) {
    const auto settings = settings_of({"--max-gop-bytes", "0", "--max-queue-bytes", "65536",
                                       "--stuck-timeout", "2.5", "--no-io-uring", "rtsp://a"});
    EXPECT_EQ(settings.delivery.max_gop_bytes, 0U);
    EXPECT_EQ(settings.delivery.max_queue_bytes, 65'536U);
    EXPECT_EQ(settings.delivery.stuck_timeout, 2500ms);
    EXPECT_FALSE(settings.delivery.io_uring);
}

TEST(DeliveryOptions, AreCheckedByName) {
    for (const auto& [option, value] :
         {std::pair("--max-gop-bytes", "1073741825"), std::pair("--max-gop-bytes", "-1"),
          std::pair("--max-queue-bytes", "65535"), std::pair("--max-queue-bytes", "1M"),
          std::pair("--stuck-timeout", "0.5"), std::pair("--stuck-timeout", "never")}) {
        const auto invocation = parse_words({option, value, "rtsp://a"});
        const auto* wrong = std::get_if<WrongUsage>(&invocation);
        ASSERT_NE(wrong, nullptr) << option << " " << value;
        EXPECT_THAT(wrong->message, testing::StartsWith(option)) << value;
    }
}

} // namespace
} // namespace rtspproxy::settings
