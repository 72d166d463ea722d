#include "app/log.hpp"

#include <glib.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <string>

namespace rtspproxy::log {
namespace {

std::atomic<settings::Verbosity> verbosity{settings::Verbosity::Quiet};

// One write a line, so that lines of several threads do not mix.
void write(const char* level, const char* format, std::va_list arguments) {
    char* raw = g_strdup_vprintf(format, arguments);
    const std::string line = std::string("gst-rtsp-proxy: ") + level + raw + "\n";
    g_free(raw);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace

void set_verbosity(settings::Verbosity value) {
    verbosity.store(value);
}

void error(const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    write("error: ", format, arguments);
    va_end(arguments);
}

void warning(const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    write("warning: ", format, arguments);
    va_end(arguments);
}

void info(const char* format, ...) {
    if (verbosity.load() == settings::Verbosity::Quiet)
        return;
    std::va_list arguments;
    va_start(arguments, format);
    write("", format, arguments);
    va_end(arguments);
}

} // namespace rtspproxy::log
