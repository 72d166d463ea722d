#include "app/application.hpp"
#include "app/sender/sender.hpp"
#include "app/settings/command_line.hpp"
#include "app/settings/secrets.hpp"

#include <cstdio>
#include <utility>
#include <variant>

int main(int argc, char** argv) {
    using namespace rtspproxy;
    auto invocation = settings::parse(argc, argv);
    if (const auto* text = std::get_if<settings::TextToPrint>(&invocation)) {
        std::fputs(text->text.c_str(), stdout);
        return kStopped;
    }
    if (const auto* usage = std::get_if<settings::WrongUsage>(&invocation)) {
        std::fprintf(stderr, "gst-rtsp-proxy: %s\n", usage->message.c_str());
        return kWrongUsage;
    }
    if (const auto* command = std::get_if<settings::AnnounceCommand>(&invocation)) {
        settings::scrub_arguments(argc, argv, *command);
        return sender::run(*command);
    }
    auto& settings = std::get<settings::Settings>(invocation);
    settings::scrub_arguments(argc, argv, settings);
    return Application(std::move(settings)).run();
}
