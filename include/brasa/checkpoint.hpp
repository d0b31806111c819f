#pragma once

// brasa::checkpoint: reading and writing the files in which models are kept. Needs nlohmann_json.

#include "brasa/checkpoint/inspect.hpp"
#include "brasa/checkpoint/safetensors.hpp"
#include "brasa/checkpoint/torch_file.hpp"
#include "brasa/checkpoint/torch_save.hpp"
