#include "tests/unit/settings/invocations.hpp"

#include <gmock/gmock.h>

namespace rtspproxy::settings {
namespace {

using namespace std::chrono_literals;

TEST(FrontendOptions, HaveDefaults) {
    EXPECT_EQ(settings_of({"rtsp://a"}).connections, ConnectionSettings());
}

TEST(FrontendOptions, AreTakenOver) {
    const auto settings = settings_of({"--max-connections", "20", "--max-connections-per-address",
                                       "3", "--request-timeout", "1.5", "rtsp://a"});
    EXPECT_EQ(settings.connections.max_connections, 20U);
    EXPECT_EQ(settings.connections.max_connections_per_address, 3U);
    EXPECT_EQ(settings.connections.request_timeout, 1500ms);
}

TEST(FrontendOptions, AreCheckedByName) {
    for (const auto& [option, value] :
         {std::pair("--max-connections", "0"), std::pair("--max-connections", "1000001"),
          std::pair("--max-connections-per-address", "many"),
          std::pair("--max-connections-per-address", "0"), std::pair("--request-timeout", "0.05"),
          std::pair("--request-timeout", "3601")}) {
        const auto invocation = parse_words({option, value, "rtsp://a"});
        const auto* wrong = std::get_if<WrongUsage>(&invocation);
        ASSERT_NE(wrong, nullptr) << option << " " << value;
        EXPECT_THAT(wrong->message, testing::StartsWith(option)) << value;
    }
}

} // namespace
} // namespace rtspproxy::settings
