"""What one flat parameter of FSDP1 can hold."""

from permafrost.distributed import check_fsdp1

MIXED = [("layer1.weight", "always"), ("layer1.bias", "always"), ("head.weight", "never")]


def test_uniform_is_fine() -> None:
    assert check_fsdp1([("a", "always"), ("b", "always")], False) is None
    assert check_fsdp1([("a", "never")], False) is None


def test_mixed_is_refused_with_the_way_out() -> None:
    text = check_fsdp1(MIXED, False, "2.15.0+cu132")
    assert text is not None
    assert "layer1.weight" in text and "head.weight" in text
    assert "use_orig_params=True" in text and "auto_wrap_policy" in text


def test_original_parameters_may_be_mixed_from_2_1_on() -> None:
    assert check_fsdp1(MIXED, True, "2.1.0") is None
    assert check_fsdp1(MIXED, True, "2.15.0+cu132") is None
    text = check_fsdp1(MIXED, True, "2.0.1")
    assert text is not None and "newer PyTorch" in text


def test_windows_that_differ_are_mixed() -> None:
    assert check_fsdp1([("a", (1, 3)), ("b", (1, 2))], False) is not None
