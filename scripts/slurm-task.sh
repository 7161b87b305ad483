#!/bin/sh
# A task of an array: slurm-task.sh NODE PROGRAM FOLDER PLACE
#
# sbatch copies this file, so it finds all else by what it is told: Node, slurm-task.mjs, the folder
# of the submission, and the folder in which jobs run. A node that lacks one of them says so once
# for the whole array (src/node/jobs/executors/slurm/refusal.mjs), and tasks after that end at once.
node=$1 program=$2 folder=$3 place=$4

refuse() {
  echo "$1" >&2
  (set -C && echo "${SLURMD_NODENAME:-$(uname -n)}: $1" > "$folder/refused.txt") 2> /dev/null
  scancel --state=PENDING "$SLURM_ARRAY_JOB_ID" 2> /dev/null
  exit 3
}

if read -r said 2> /dev/null < "$folder/refused.txt"; then
  echo "another node has refused: $said" >&2
  exit 3
fi
cd "$place" 2> /dev/null || refuse "the folder $place is not here; it has to be on a file system that the nodes share"
[ -r "$program" ] || refuse "$program is not here; it has to be on a file system that the nodes share"
[ -x "$node" ] || node=$(command -v node) || refuse "Node is not at $1, nor on the PATH; install it where the nodes see it"
exec "$node" "$program" "$folder" # so that Slurm's signals reach it
