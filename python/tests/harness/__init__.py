"""Runs training scripts in processes of their own, plain and under Permafrost, and compares."""
