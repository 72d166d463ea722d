#include "app/settings/output_options.hpp"

#include "app/settings/option_group.hpp"
#include "plugins/support/deleter.hpp"

#include <gst/gst.h>

namespace rtspproxy::settings {
namespace {

std::string version() {
    const GCharPtr gstreamer(gst_version_string());
    return std::string("gst-rtsp-proxy " RTSPPROXY_VERSION " (") + gstreamer.get() + ")";
}

} // namespace

void OutputOptions::add_to(CLI::App& app) {
    app.option_defaults()->group("Output and diagnosis");
    add_switch(app, "-v,--verbose", verbose_,
               "Say on stderr what happens to back ends and clients.");
    add_switch(app, "-V,--very-verbose", very_verbose_,
               "Also print every RTSP message exchanged with back ends, passwords masked.");
    add_switch(app, "--print-launch", print_launch_,
               "Print the GStreamer launch line of each back end, for gst-launch-1.0, passwords "
               "masked, and exit.");
    app.set_version_flag("--version", version, "Print the version and exit.");
    app.set_help_flag("-h,--help", "Print this and exit.");
}

void OutputOptions::apply(Settings& settings) const {
    if (very_verbose_)
        settings.verbosity = Verbosity::VeryVerbose;
    else if (verbose_)
        settings.verbosity = Verbosity::Verbose;
    settings.print_launch = print_launch_;
}

} // namespace rtspproxy::settings
