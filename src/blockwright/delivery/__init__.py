"""Checkpoint and preprocessing become a bundle, a competition folder, a submission.

Takes   a training plan with a checkpoint of it, test clips, a sample submission.
Gives   model.h5 that was reloaded and compared; a notebook that needs no editing;
        a dry run of it with its checks.
Never   changes weights, class order or preprocessing on the way out.
Neighbours: `training` writes the checkpoints, `audio.clip_picture` is copied verbatim.
"""
