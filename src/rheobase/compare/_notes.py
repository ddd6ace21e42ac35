"""Sentences on what was done to the data: key -> (English, Korean), as in `_words`."""

from __future__ import annotations

NOTES: dict[str, tuple[str, str]] = {
    "groups": (
        "the rows form {groups} groups; none is in two parts of a split",
        "행은 그룹 {groups}개로 나뉘며, 한 그룹이 분할의 두 부분에 걸치지 않습니다",
    ),
    "time_ordered": (
        "the rows are in order of time: training, then validation, then test",
        "행은 시간 순서입니다. 학습, 검증, 테스트 순으로 이어집니다",
    ),
    "weighted": (
        "the rows are weighted, in training and in scores",
        "행마다 가중치가 있으며 학습과 점수에 모두 적용했습니다",
    ),
    "folds": (
        "{folds} splits were given and take the place of seeds",
        "주어진 분할 {folds}개가 시드를 대신합니다",
    ),
    "part_sizes": (
        "sizes of parts are means over the seeds",
        "부분의 크기는 시드들의 평균입니다",
    ),
    "whole_numbers": (
        "the target {target} has {distinct} distinct whole numbers and is taken as a {task} (set the task "
        "to {other} if that is wrong)",
        "목표 변수 {target}에는 서로 다른 정수 {distinct}개가 있어 {task:task}로 보았습니다(틀렸다면 task를 {other}로 주십시오)",
    ),
    "no_target": (
        "{rows:rows} without a target dropped",
        "목표 변수가 없는 행 {rows}개를 뺐습니다",
    ),
    "latin_1": (
        "the file is not UTF-8 and was read as Latin-1",
        "파일이 UTF-8이 아니어서 Latin-1로 읽었습니다",
    ),
    "no_name": ("columns without a name dropped", "이름 없는 열을 뺐습니다"),
    "commas": (
        "column {column} was read with decimal commas",
        "열 {column}: 쉼표를 소수점으로 읽었습니다",
    ),
    "mostly_numbers": (
        "column {column} is mostly numbers but taken as text: {values:values} such as {example}",
        "열 {column}: 대부분 숫자이지만 {example} 같은 값이 {values}개 있어 글자로 보았습니다",
    ),
    "empty": (
        "column {column} dropped: it has no values",
        "열 {column}: 값이 없어 뺐습니다",
    ),
    "times": (
        "column {column} is a time and was turned into a number",
        "열 {column}: 시각이어서 숫자로 바꾸었습니다",
    ),
    "kind": (
        "column {column} dropped: the type {kind} cannot be used",
        "열 {column}: 쓸 수 없는 형 {kind}이어서 뺐습니다",
    ),
    "filled": (
        "{values:missing} in column {column} filled with the training rows' median",
        "열 {column}: 빠진 값 {values}개를 학습 행의 중앙값으로 채웠습니다",
    ),
    "identifier": (
        "column {column} dropped: each of its values occurs once, as in an identifier",
        "열 {column}: 식별자처럼 모든 값이 한 번씩만 나와 뺐습니다",
    ),
    "many_values": (
        'column {column} has {distinct} distinct values: the {kept} most frequent were kept and the rest became "other"',
        '열 {column}: 값이 {distinct}가지여서 가장 흔한 {kept}가지만 두고 나머지는 "other"로 묶었습니다',
    ),
    "missing_category": (
        "{values:missing} in column {column} became a category of their own",
        "열 {column}: 빠진 값 {values}개를 따로 한 범주로 보았습니다",
    ),
}
