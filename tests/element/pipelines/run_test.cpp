// pipelines/run: which command it becomes. A script in the place of gst-launch-1.0 prints its
// arguments.
#include "tests/support/process.hpp"
#include "tests/support/watchdog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rtspproxy::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PipelinesRun : public WatchedTest {
  protected:
    PipelinesRun() {
        std::filesystem::create_directories(folder_);
        const auto stand_in = folder_ / "gst-launch-1.0";
        std::ofstream(stand_in) << "#!/bin/sh\nprintf '%s\\n' \"$@\"\n";
        std::filesystem::permissions(stand_in, std::filesystem::perms::owner_all);
    }
    ~PipelinesRun() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] Finished run_script(const std::vector<std::string>& arguments) const {
        const char* path = std::getenv("PATH");
        std::vector<std::string> command{
            "env", "PATH=" + folder_.string() + ":" + (path != nullptr ? path : ""),
            RTSPPROXY_PIPELINES "/run"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return run(command);
    }

  private:
    const std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) / ("pipelines-run-" + std::to_string(getpid()));
};

TEST_F(PipelinesRun, PassesTheWordsOfTheFile) {
    const auto finished = run_script({"tcp"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_THAT(split_lines(finished.out),
                ElementsAre("rtspsrc", "location=rtsp://127.0.0.1:8554/camera", "protocols=tcp",
                            "latency=0", "!", "application/x-rtp,media=video", "!", "rtprelaypay",
                            "name=relay", "!", "fakesink", "silent=false", "sync=false"));
}

TEST_F(PipelinesRun, PutsPropertiesAfterTheSourcesOwn) {
    const auto lines =
        split_lines(run_script({"tcp", "location=rtsp://a/b?c=1&d=*", "user-pw=a b", "-v"}).out);
    ASSERT_GE(lines.size(), 8U);
    EXPECT_EQ(lines[3], "latency=0");
    EXPECT_EQ(lines[4], "location=rtsp://a/b?c=1&d=*");
    EXPECT_EQ(lines[5], "user-pw=a b");
    EXPECT_EQ(lines[6], "!");
    EXPECT_EQ(lines.back(), "-v");
}

TEST_F(PipelinesRun, GoesOnWithThePipelineGiven) {
    const auto lines =
        split_lines(run_script({"mount-udp", "latency=5", "!", "rtprelaypay", "mtu=500"}).out);
    ASSERT_GE(lines.size(), 6U);
    EXPECT_THAT(std::vector(lines.end() - 4, lines.end()),
                ElementsAre("latency=5", "!", "rtprelaypay", "mtu=500"));
}

TEST_F(PipelinesRun, TakesAPath) {
    const auto finished = run_script({RTSPPROXY_PIPELINES "/udp.launch"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_THAT(finished.out, HasSubstr("protocols=udp"));
}

TEST_F(PipelinesRun, NamesAFileThatIsNotThere) {
    const auto finished = run_script({"nosuch"});
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, HasSubstr("nosuch.launch"));
}

TEST_F(PipelinesRun, ListsThePipelines) {
    for (const auto& arguments : {std::vector<std::string>{}, {"--help"}}) {
        const auto finished = run_script(arguments);
        EXPECT_EQ(finished.exit_code, 0);
        EXPECT_THAT(finished.out, HasSubstr("Usage: pipelines/run NAME"));
        EXPECT_THAT(finished.out, HasSubstr("  jitter-buffer  Receives"));
    }
}

} // namespace
} // namespace rtspproxy::tests
