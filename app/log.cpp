#include "app/log.hpp"

#include "app/printable.hpp"
#include "plugins/support/deleter.hpp"

#include <glib.h>

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <string>

namespace rtspproxy::log {
namespace {

std::atomic<settings::Verbosity> verbosity{settings::Verbosity::Quiet};

// One write a line, so that lines of several threads do not mix.
void write(const char* level, const char* format, std::va_list arguments) {
    const GCharPtr text(g_strdup_vprintf(format, arguments));
    const std::string line = printable(std::string("gst-rtsp-proxy: ") + level + text.get()) + '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace

void print_lines(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines += printable(text.substr(0, end)) + '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::fwrite(lines.data(), 1, lines.size(), stderr);
}

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
