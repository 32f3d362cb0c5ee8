"""Everything that touches a network, one file each; alone imports boto3, requests, qcloud_cos and tencentcloud."""
