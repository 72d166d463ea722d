#include "tests/support/process.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace rtspproxy::tests {
namespace {

TEST(Process, CollectsBothStreamsAndTheExitCode) {
    const auto finished = run({"sh", "-c", "echo out; echo err >&2; exit 3"});
    EXPECT_EQ(finished.exit_code, 3);
    EXPECT_EQ(finished.out, "out\n");
    EXPECT_EQ(finished.err, "err\n");
}

TEST(Process, WaitsForText) {
    Process process({"sh", "-c", "echo first; sleep 0.1; echo second; sleep 60"});
    EXPECT_TRUE(process.wait_out("second"));
    EXPECT_EQ(process.out_lines(), (std::vector<std::string>{"first", "second"}));
    EXPECT_FALSE(process.wait_err("never", 50ms));
    EXPECT_TRUE(process.running());
}

TEST(Process, GivesUpOnTextThatCannotComeAnyMore) {
    Process process({"true"});
    EXPECT_FALSE(process.wait_out("never", 1h));
}

TEST(Process, TellsWhichSignalEndedIt) {
    Process process({"sleep", "60"});
    process.send_signal(SIGTERM);
    EXPECT_EQ(process.wait_exit(), 128 + SIGTERM);
}

TEST(Process, IsKilledWithItsOwner) {
    pid_t pid = 0;
    {
        const Process process({"sleep", "60"});
        pid = process.pid();
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Process, SaysThatAProgramDoesNotExist) {
    const auto finished = run({"there-is-no-such-program"});
    EXPECT_EQ(finished.exit_code, 127);
    EXPECT_EQ(finished.err, "cannot execute the program\n");
}

TEST(FreePort, GivesAnotherOneEachTime) {
    const auto first = free_port();
    const auto second = free_port();
    EXPECT_NE(first, second);
    EXPECT_TRUE(listen_tcp("127.0.0.1", first, 1).has_value());
}

} // namespace
} // namespace rtspproxy::tests
