using Xunit;

// Each test starts several processes and some measure times: on a machine with two cores they run one after another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
