// A device's connection between two plays: nothing of the first may reach the second.
#include "tests/unit/app_registration/splice_fixture.hpp"

#include <gmock/gmock.h>

#include <future>

namespace rtspproxy::tests {
namespace {

using registration_app::SpliceOptions;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SpliceDrainTest : public SpliceTest {
  protected:
    SpliceDrainTest() : SpliceTest(options()) {}
    explicit SpliceDrainTest(SpliceOptions options) : SpliceTest(options) {}

    static SpliceOptions options() {
        SpliceOptions options;
        options.quiet = 100ms;
        options.streaming_limit = 60s; // each test sets the limit that it is about
        options.answer_limit = 60s;
        return options;
    }
    void play(End& client, End& device) {
        exchange(client, device, "DESCRIBE");
        exchange(client, device, "SETUP");
        exchange(client, device, "PLAY");
        device.send(frame("media"));
        EXPECT_EQ(client.read(9), frame("media"));
    }
};

TEST_F(SpliceDrainTest, ServesOnePlayAfterTheOther) {
    End device = attach();
    for (int i = 0; i < 20; ++i) {
        End client = dial();
        play(client, device);
        exchange(client, device, "TEARDOWN");
    }
    EXPECT_THAT(gone(), IsEmpty());
}

TEST_F(SpliceDrainTest, TheNextClientMayComeAtOnce) {
    End device = attach();
    auto serving = std::async(std::launch::async, [&device] {
        std::size_t served = 0;
        while (device.read(request("OPTIONS").size()) == request("OPTIONS")) {
            device.send(ok_response());
            ++served;
        }
        return served;
    });
    constexpr std::size_t kClients = 300;
    for (std::size_t i = 0; i < kClients; ++i) {
        End client = dial();
        client.send(request("OPTIONS"));
        ASSERT_EQ(client.read(ok_response().size()), ok_response()) << i;
    }
    connection_.reset();
    EXPECT_EQ(serving.get(), kClients);
}

TEST_F(SpliceDrainTest, ALateAnswerIsDropped) {
    End device = attach();
    {
        End client = dial();
        play(client, device);
        client.send(request("TEARDOWN"));
    }
    EXPECT_EQ(device.read(request("TEARDOWN").size()), request("TEARDOWN"));
    End client = dial();
    client.send(request("DESCRIBE"));
    device.send(frame("late") + "RTSP/1.0 200 Late\r\nContent-Length: 3\r\n\r\n");
    device.send("$\1\1"); // the body
    EXPECT_EQ(device.read(request("DESCRIBE").size()), request("DESCRIBE"));
    device.send(frame("later") + ok_response());
    EXPECT_EQ(client.read(ok_response().size()), ok_response());
}

TEST_F(SpliceDrainTest, TheLastWordsOfAClientThatResetsReachTheDevice) {
    End device = attach();
    {
        End client = dial();
        play(client, device);
        client.send(request("TEARDOWN"));
        client.reset();
    }
    EXPECT_EQ(device.read(request("TEARDOWN").size()), request("TEARDOWN"));
    device.send(ok_response());
    End client = dial();
    exchange(client, device, "DESCRIBE");
}

TEST_F(SpliceDrainTest, TheRestOfAFrameIsDropped) {
    End device = attach();
    const std::string media = frame(std::string(1000, 'm'));
    {
        End client = dial();
        play(client, device);
        client.send(request("TEARDOWN"));
        EXPECT_EQ(device.read(request("TEARDOWN").size()), request("TEARDOWN"));
        device.send(ok_response() + media.substr(0, 500));
        EXPECT_EQ(client.read(ok_response().size() + 500), ok_response() + media.substr(0, 500));
    }
    End client = dial();
    client.send(request("DESCRIBE"));
    device.send(media.substr(500) + media);
    EXPECT_EQ(device.read(request("DESCRIBE").size()), request("DESCRIBE"));
    device.send(ok_response());
    EXPECT_EQ(client.read(ok_response().size()), ok_response());
}

TEST_F(SpliceDrainTest, HalfARequestIsNotPassedOn) {
    End device = attach();
    {
        End client = dial();
        exchange(client, device, "OPTIONS");
        client.send(request("DESCRIBE").substr(0, 30));
    }
    End client = dial();
    exchange(client, device, "OPTIONS"); // is the next that the device sees
}

TEST_F(SpliceDrainTest, NonsenseOfAClientEndsItsPlayOnly) {
    End device = attach();
    End client = dial();
    client.send(request("OPTIONS") + "X / RTSP/1.0\r\nContent-Length: nonsense\r\n\r\n");
    EXPECT_EQ(device.read(request("OPTIONS").size()), request("OPTIONS"));
    EXPECT_TRUE(client.ended());
    device.send(ok_response());
    End next = dial();
    exchange(next, device, "DESCRIBE");
    EXPECT_THAT(gone(), IsEmpty());
}

TEST_F(SpliceDrainTest, FramesBeforeTheFirstSetupAreDropped) {
    End device = attach();
    device.send(frame("stale"));
    End client = dial();
    client.send(request("DESCRIBE"));
    EXPECT_EQ(device.read(request("DESCRIBE").size()), request("DESCRIBE"));
    device.send(frame("stale") + ok_response() + frame("stale"));
    EXPECT_EQ(client.read(ok_response().size()), ok_response());
    client.send(request("SETUP"));
    EXPECT_EQ(device.read(request("SETUP").size()), request("SETUP"));
    device.send(ok_response() + frame("fresh"));
    EXPECT_EQ(client.read(ok_response().size() + 9), ok_response() + frame("fresh"));
}

TEST_F(SpliceDrainTest, AClientThatHasGivenUpIsSkipped) {
    End device = attach();
    {
        End client = dial();
        client.send(request("OPTIONS"));
        EXPECT_EQ(device.read(request("OPTIONS").size()), request("OPTIONS"));
    }
    // While the device owes an answer nobody is let in; this one does not wait for it.
    {
        End impatient = dial();
        impatient.send(request("DESCRIBE"));
    }
    End client = dial();
    client.send(request("SETUP"));
    device.send(ok_response());
    EXPECT_EQ(device.read(request("SETUP").size()), request("SETUP"));
    device.send(ok_response());
    EXPECT_EQ(client.read(ok_response().size()), ok_response());
}

TEST_F(SpliceDrainTest, WhatIsNotRtspEndsTheDevice) {
    End device = attach();
    device.send("RTSP/1.0 200 OK\r\nContent-Length: nonsense\r\n\r\n");
    ASSERT_TRUE(wait_gone());
    EXPECT_THAT(gone(), ElementsAre("it sends what is not RTSP"));
    EXPECT_TRUE(device.ended());
}

class QuietTest : public SpliceDrainTest {
  protected:
    QuietTest() : SpliceDrainTest(patient()) {}
    static SpliceOptions patient() {
        SpliceOptions options = SpliceDrainTest::options();
        options.quiet = 1500ms;
        return options;
    }
};

TEST_F(QuietTest, WithoutTeardownTheNextPlayWaitsUntilTheDeviceIsQuiet) {
    End device = attach();
    {
        End client = dial();
        play(client, device);
    }
    End client = dial();
    client.send(request("DESCRIBE"));
    for (int i = 0; i < 10; ++i) {
        device.send(frame("still playing"));
        EXPECT_TRUE(device.silent()) << i;
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(device.read(request("DESCRIBE").size()), request("DESCRIBE"));
    device.send(ok_response());
    EXPECT_EQ(client.read(ok_response().size()), ok_response());
}

class StreamingLimitTest : public SpliceDrainTest {
  protected:
    StreamingLimitTest() : SpliceDrainTest(limited()) {}
    static SpliceOptions limited() {
        SpliceOptions options = SpliceDrainTest::options();
        options.quiet = 60s;
        options.streaming_limit = 100ms;
        return options;
    }
};

TEST_F(StreamingLimitTest, ADeviceThatDoesNotStopIsCutOff) {
    End device = attach();
    {
        End client = dial();
        play(client, device);
    }
    EXPECT_TRUE(eventually([&] {
        device.send(frame("still playing"));
        return !gone().empty();
    }));
    EXPECT_THAT(gone(), ElementsAre("it does not stop sending"));
    EXPECT_TRUE(device.ended());
}

class AnswerLimitTest : public SpliceDrainTest {
  protected:
    AnswerLimitTest() : SpliceDrainTest(limited()) {}
    static SpliceOptions limited() {
        SpliceOptions options = SpliceDrainTest::options();
        options.answer_limit = 100ms;
        return options;
    }
};

TEST_F(AnswerLimitTest, ADeviceThatDoesNotAnswerIsCutOff) {
    End device = attach();
    {
        End client = dial();
        client.send(request("DESCRIBE"));
        EXPECT_EQ(device.read(request("DESCRIBE").size()), request("DESCRIBE"));
    }
    ASSERT_TRUE(wait_gone());
    EXPECT_THAT(gone(), ElementsAre("it does not answer"));
    EXPECT_TRUE(device.ended());
}

class IdleLimitTest : public SpliceDrainTest {
  protected:
    IdleLimitTest() : SpliceDrainTest(limited()) {}
    static SpliceOptions limited() {
        SpliceOptions options = SpliceDrainTest::options();
        options.idle_bytes = 100'000;
        return options;
    }
};

TEST_F(IdleLimitTest, ADeviceThatFloodsIsCutOff) {
    End device = attach();
    device.send(frame(std::string(50'000, 'x')) + frame(std::string(40'000, 'x')));
    End client = dial();
    exchange(client, device, "OPTIONS");
    client.close();
    EXPECT_THAT(gone(), IsEmpty());
    EXPECT_TRUE(eventually([&] {
        device.send(frame(std::string(50'000, 'x')));
        return !gone().empty();
    }));
    EXPECT_THAT(gone(), ElementsAre("it sends although nothing plays"));
}

} // namespace
} // namespace rtspproxy::tests
