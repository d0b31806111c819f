# Every header of brasa, layer by layer. The tests compile each alone, and tell which is missing.
set(BRASA_HEADERS
    brasa/version.hpp
    brasa/core/any_tensor.hpp
    brasa/core/convert.hpp
    brasa/core/dtype.hpp
    brasa/core/error.hpp
    brasa/core/hooks.hpp
    brasa/core/ordered_map.hpp
    brasa/core/print.hpp
    brasa/core/print_options.hpp
    brasa/core/python_text.hpp
    brasa/core/shape.hpp
    brasa/core/state_dict.hpp
    brasa/core/storage.hpp
    brasa/core/tensor.hpp
    brasa/core/warning.hpp
    brasa/kernels/gemm.hpp
    brasa/kernels/reduce.hpp
    brasa/kernels/strided.hpp
    brasa/autograd/backward.hpp
    brasa/autograd/grad_mode.hpp
    brasa/autograd/node.hpp
    brasa/ops/permute.hpp
    brasa/ops/view.hpp
    brasa/nn/member_visitor.hpp
    brasa/nn/module.hpp
    brasa/nn/module_members.hpp
    brasa/nn/module_text.hpp
    brasa/nn/parameter.hpp
)

# Those that need nlohmann_json.
set(BRASA_CHECKPOINT_HEADERS
)
