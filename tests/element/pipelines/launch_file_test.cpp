// Every file of pipelines/ can be parsed, and those of the factories are what the factories use.
#include "app/backend/launch_line.hpp"
#include "app/settings/settings.hpp"
#include "plugins/register.hpp"
#include "plugins/support/deleter.hpp"
#include "tests/element/pipelines/launch_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace rtspproxy::tests {
namespace {

using settings::Transport;

constexpr auto kCamera = "rtsp://127.0.0.1:8554/camera";
constexpr auto kTunnel = "rtsph://127.0.0.1:8554/camera";

class EachLaunchFile : public testing::TestWithParam<std::string> {
  protected:
    EachLaunchFile() { register_elements(nullptr); }
    LaunchFile file_ = read_launch_file(GetParam());
};

TEST_P(EachLaunchFile, CanBeParsed) {
    const auto pipeline = parse_pipeline(file_.description);
    ASSERT_TRUE(pipeline) << pipeline.error().message;
    EXPECT_TRUE(find_by_factory(pipeline->get(), "rtspsrc"));
}

// What pipelines/run and the factories count on.
TEST_P(EachLaunchFile, BeginsWithTheSourceAtTheDocumentedCamera) {
    EXPECT_THAT(file_.description, testing::StartsWith("rtspsrc "));
    const auto pipeline = parse_pipeline(file_.description);
    ASSERT_TRUE(pipeline) << pipeline.error().message;
    char* raw_location = nullptr;
    g_object_get(find_by_factory(pipeline->get(), "rtspsrc").get(), "location", &raw_location,
                 nullptr);
    const GCharPtr location(raw_location);
    EXPECT_THAT(location.get(), testing::AnyOf(testing::StrEq(kCamera), testing::StrEq(kTunnel)));
}

TEST_P(EachLaunchFile, SaysWhatItIs) {
    ASSERT_GE(file_.comments.size(), 3U);
    EXPECT_TRUE(file_.comments.front().starts_with(' '));
    EXPECT_TRUE(file_.comments.front().ends_with('.')) << "pipelines/run --help prints this line";
    EXPECT_THAT(file_.comments, testing::Contains(testing::HasSubstr(GetParam())))
        << "an example of its use";
}

INSTANTIATE_TEST_SUITE_P(Pipelines, EachLaunchFile, testing::ValuesIn(launch_file_names()),
                         [](const auto& file) { return test_name(file.param); });

TEST(LaunchFiles, OfEveryKindAreThere) {
    EXPECT_THAT(launch_file_names(),
                testing::IsSupersetOf({"udp", "tcp", "http-tunnel", "jitter-buffer", "window",
                                       "transcode", "mount-udp", "mount-tcp", "mount-http"}));
}

TEST(LaunchFiles, WithAnElementThatIsMissingAreRefused) {
    EXPECT_FALSE(parse_pipeline("rtspsrc ! nosuchelement ! fakesink"));
    EXPECT_FALSE(parse_pipeline("rtspsrc nosuchproperty=1 ! fakesink"));
    EXPECT_FALSE(parse_pipeline("rtspsrc ! ! fakesink"));
}

struct MountFile {
    std::string name;
    Transport transport;
};

void PrintTo(const MountFile& file, std::ostream* stream) {
    *stream << file.name;
}

class MountLaunchFile : public testing::TestWithParam<MountFile> {};

TEST_P(MountLaunchFile, IsWhatTheFactoryParses) {
    const auto& [name, transport] = GetParam();
    settings::BackendSettings settings;
    settings.url = kCamera;
    settings.http_port = transport == Transport::HttpTunnel ? 8554 : 0;
    EXPECT_EQ(read_launch_file(name).description, backend::launch_line(settings, transport));
}

INSTANTIATE_TEST_SUITE_P(Pipelines, MountLaunchFile,
                         testing::Values(MountFile{"mount-udp", Transport::Udp},
                                         MountFile{"mount-tcp", Transport::Tcp},
                                         MountFile{"mount-http", Transport::HttpTunnel}),
                         [](const auto& file) { return test_name(file.param.name); });

TEST(LaunchFiles, WholeMountHasTheFactorysSource) {
    EXPECT_THAT(read_launch_file("mount-relay").description,
                testing::StartsWith(read_launch_file("mount-tcp").description + " "));
}

} // namespace
} // namespace rtspproxy::tests
