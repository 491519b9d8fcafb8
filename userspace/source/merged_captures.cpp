// SPDX-License-Identifier: Apache-2.0
#include "source/merged_captures.h"

#include <algorithm>

namespace tcptrace {

Result<MergedCaptures> MergedCaptures::open(const std::vector<std::string> &paths)
{
    MergedCaptures merged;

    for (const std::string &path : paths) {
        auto file = CaptureFile::open(path);
        if (!file)
            return std::unexpected(file.error());
        merged.files_.push_back(std::move(*file));
    }
    merged.heads_.resize(paths.size());
    return merged;
}

MergedCaptures::Next MergedCaptures::next()
{
    if (!begun_)
        begin();
    else if (read_from(last_) && is_next(last_))
        return {.frame = heads_[last_], .file = last_};
    else if (heads_[last_])
        turns_.emplace(heads_[last_]->time_ns, last_);
    if (turns_.empty())
        return {};
    last_ = turns_.top().second;
    turns_.pop();
    return {.frame = heads_[last_], .file = last_};
}

void MergedCaptures::begin()
{
    begun_ = true;
    for (std::size_t file = 0; file < files_.size(); file++) {
        if (read_from(file))
            turns_.emplace(heads_[file]->time_ns, file);
    }
}

bool MergedCaptures::is_next(std::size_t file) const
{
    return turns_.empty() || Turn{heads_[file]->time_ns, file} < turns_.top();
}

bool MergedCaptures::read_from(std::size_t file)
{
    const auto frame = files_[file].next();

    if (!frame)
        damages_.push_back(frame.error());
    heads_[file] = frame.value_or(nullptr);
    return heads_[file] != nullptr;
}

Result<void> MergedCaptures::outcome() const
{
    if (damages_.empty())
        return {};
    Error all = damages_.front();
    for (std::size_t i = 1; i < damages_.size(); i++)
        all.message += "; " + damages_[i].message;
    return std::unexpected(std::move(all));
}

bool MergedCaptures::waits() const
{
    return std::ranges::any_of(files_, &CaptureFile::waits);
}

} // namespace tcptrace
